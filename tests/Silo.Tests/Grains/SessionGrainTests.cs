using Winnow.Contracts.Grains;
using Winnow.Silo.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Grains;

/// <summary>Sessions are durable and never go back.</summary>
public sealed class SessionGrainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Checkpoint_ShorterOrRepeated_DoesNotReplaceTheLonger()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");

        await sut.Checkpoint(Point(0, 1, 2, 3));
        await sut.Checkpoint(Point(0, 1, 2));
        await sut.Checkpoint(Point(1, 9));

        SessionSnapshot? snapshot = await sut.Get();
        Assert.Equal([[1, 2, 3], [9]], snapshot!.Choices.Select(c => c.Tokens));
    }

    [Fact]
    public async Task Get_AfterTheSiloRestarted_GivesTheCheckpoint()
    {
        await using (TestSilo before = await TestSilo.StartAsync(_folder.Root))
        {
            await before.Grains.GetGrain<ISessionGrain>("r").Checkpoint(Point(0, 4, 5));
        }
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);

        SessionSnapshot? snapshot = await silo.Grains.GetGrain<ISessionGrain>("r").Get();

        Assert.Equal([4, 5], snapshot!.Choices.Single().Tokens);
    }

    [Fact]
    public async Task Clear_Session_IsUnknownAfterwards()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");
        await sut.Checkpoint(Point(0, 1));

        await sut.Clear();

        Assert.Null(await sut.Get());
    }

    public void Dispose() => _folder.Dispose();

    private static SessionCheckpoint Point(int choice, params int[] tokens) => new()
    {
        RequestId = "r",
        Choice = choice,
        Model = "m",
        Tokens = tokens,
        PromptTokens = 1,
        SamplingJson = "{}",
    };
}
