using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Tests.Coordination.Support;

namespace Winnow.Gateway.Tests;

/// <summary>Calls to silos for clients and operators: nobody waits for a silo that does not answer, and everybody is told when to ask again.</summary>
public sealed class SiloCallsTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task AskAsync_SilosThatAreGone_AreLeftAloneAndAskedAgainAfterARest()
    {
        SiloCalls sut = Make();
        int asked = 0;
        Task<int> Ask()
        {
            asked++;
            return Task.FromException<int>(new OrleansException("gone"));
        }
        for (int i = 0; i < 4; i++)
        {
            GenerationException lost = await Assert.ThrowsAsync<GenerationException>(() => sut.AskAsync(Ask, CancellationToken.None));
            Assert.Equal((GenerationErrors.Unavailable, TimeSpan.FromSeconds(7)), (lost.Type, lost.RetryAfter));
        }
        _time.Advance(TimeSpan.FromSeconds(3));

        GenerationException refused = await Assert.ThrowsAsync<GenerationException>(() => sut.AskAsync(Ask, CancellationToken.None));
        _time.Advance(TimeSpan.FromSeconds(5));
        int answer = await sut.AskAsync(() => Task.FromResult(42), CancellationToken.None);

        Assert.Equal((4, TimeSpan.FromSeconds(4), 42), (asked, refused.RetryAfter, answer));
    }

    [Fact]
    public async Task AskAsync_SiloThatHangs_IsGivenUpAfterItsTime()
    {
        SiloCalls sut = Make();
        Task<int> asking = sut.AskAsync(() => new TaskCompletionSource<int>().Task, CancellationToken.None);

        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(GenerationErrors.Unavailable, (await Assert.ThrowsAsync<GenerationException>(() => asking)).Type);
    }

    [Fact]
    public async Task AskAsync_GrainThatFails_IsNoSiloThatDoesNotAnswer()
    {
        Task<int> Ask() => Task.FromException<int>(new InvalidDataException("the file is damaged"));

        GenerationException failed = await Assert.ThrowsAsync<GenerationException>(() => Make().AskAsync(Ask, CancellationToken.None));

        Assert.Equal(GenerationErrors.Internal, failed.Type);
        Assert.Contains("the file is damaged", failed.Message, StringComparison.Ordinal);
    }

    private SiloCalls Make() => new(Options.Create(new GatewayOptions { SiloCallSeconds = 3, SiloRestSeconds = 7 }), _time);
}
