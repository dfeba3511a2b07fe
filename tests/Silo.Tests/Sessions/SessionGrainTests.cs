using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.Runtime;
using Winnow.Contracts;
using Winnow.Contracts.Grains;
using Winnow.Silo.Sessions;
using Winnow.Silo.Storage;
using Winnow.Silo.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Sessions;

/// <summary>Sessions are durable, grow by what is new, never go back, and end with their time to live.</summary>
public sealed class SessionGrainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Checkpoint_InOrder_AddsUp()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");

        int[] held = [await sut.Checkpoint(First(0, 1, 2)), await sut.Checkpoint(Next(0, 2, 3)), await sut.Checkpoint(Next(0, 3, 4, 5))];

        Assert.Equal([2, 3, 5], held);
        Assert.Equal([1, 2, 3, 4, 5], (await sut.Get())!.Choices.Single().Tokens);
        Assert.Equal([7, 8], (await sut.Get())!.Choices.Single().Head.PromptTokens);
    }

    [Fact]
    public async Task Checkpoint_RepeatedOrOverlapping_AddsOnlyWhatIsNew()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");
        await sut.Checkpoint(First(0, 1, 2, 3));

        Assert.Equal(3, await sut.Checkpoint(First(0, 1, 2)));
        Assert.Equal(4, await sut.Checkpoint(Next(0, 1, 2, 3, 4)));
        Assert.Equal(4, await sut.Checkpoint(Next(0, 3, 4)));

        Assert.Equal([1, 2, 3, 4], (await sut.Get())!.Choices.Single().Tokens);
    }

    [Fact]
    public async Task Checkpoint_AfterAGap_KeepsNothingAndSaysWhatItHas()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");

        Assert.Equal(SessionCheckpoint.Unknown, await sut.Checkpoint(Next(0, 5, 6)));
        await sut.Checkpoint(First(0, 1));
        Assert.Equal(1, await sut.Checkpoint(Next(0, 5, 6)));

        Assert.Equal([1], (await sut.Get())!.Choices.Single().Tokens);
    }

    [Fact]
    public async Task Checkpoint_OfAFinishedChoice_ChangesNothing()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");
        await sut.Checkpoint(First(0, 1));
        await sut.Checkpoint(Next(0, 1) with { FinishReason = "stop" });

        Assert.Equal(1, await sut.Checkpoint(Next(0, 1, 2)));

        Assert.Equal("stop", (await sut.Get())!.Choices.Single().FinishReason);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(70)]
    [InlineData(ChoiceLog.SegmentTokens)]
    [InlineData(200)]
    [InlineData(320)]
    public async Task Checkpoint_OfALaterRun_TakesThePlaceOfWhatTheEarlierGeneratedAndStillSends(int position)
    {
        int[] earlier = [.. Enumerable.Range(0, 320)];
        await using (TestSilo before = await TestSilo.StartAsync(_folder.Root))
        {
            ISessionGrain sut = before.Grains.GetGrain<ISessionGrain>("r");
            await StreamAsync(sut, earlier, 32);

            Assert.Equal(position, await sut.Checkpoint(Next(0, position) with { Run = 5 }));
            Assert.Equal(position, await sut.Checkpoint(Next(0, 320, 1, 2)));
            Assert.Equal(position + 2, await sut.Checkpoint(Next(0, position, 7, 8) with { Run = 5 }));
            Assert.Equal(position + 2, await sut.Checkpoint(Next(0, position + 2, 9) with { FinishReason = "stop" }));
        }
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        SessionChoice choice = (await silo.Grains.GetGrain<ISessionGrain>("r").Get())!.Choices.Single();

        Assert.Equal([.. earlier[..position], 7, 8], choice.Tokens);
        Assert.Equal((5, null), (choice.Run, choice.FinishReason));
    }

    [Fact]
    public async Task BeginRuns_TwoFromTheSameSnapshot_OnlyTheFirstIsBegun()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");
        await sut.Checkpoint(First(0, 1, 2, 3));
        await sut.Checkpoint(First(1, 4, 5));

        long run = await sut.BeginRuns([Start(0, 2), Start(1, 2)]);
        long late = await sut.BeginRuns([Start(0, 3), Start(1, 2)]);
        long next = await sut.BeginRuns([Start(0, 2, run), Start(1, 2, run)]);

        Assert.Equal((true, SessionRunStart.NotBegun, true), (run > 0, late, next > run));
        Assert.Equal([(2, next), (2, next)], (await sut.Get())!.Choices.Select(choice => (choice.Tokens.Count, choice.Run)));
    }

    [Fact]
    public async Task BeginRuns_AChoiceHasOtherTokens_NoneIsBegun()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");
        await sut.Checkpoint(First(0, 1, 2, 3));
        await sut.Checkpoint(First(1, 4, 5));

        Assert.Equal(SessionRunStart.NotBegun, await sut.BeginRuns([Start(0, 2), Start(1, 3)]));
        Assert.Equal(SessionRunStart.NotBegun, await sut.BeginRuns([Start(0, 2), Start(2, 0)]));
        Assert.Equal(SessionRunStart.NotBegun, await silo.Grains.GetGrain<ISessionGrain>("unknown").BeginRuns([Start(0, 0)]));

        Assert.Equal([(3, 0L), (2, 0L)], (await sut.Get())!.Choices.Select(choice => (choice.Tokens.Count, choice.Run)));
        await Assert.ThrowsAsync<ArgumentException>(() => sut.BeginRuns([Start(0, -1)]));
    }

    [Fact]
    public async Task BeginRuns_TheRunBeforeGoesOnElsewhere_IsIgnored()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");
        await sut.Checkpoint(First(0, 1, 2, 3));
        long before = await sut.BeginRuns([Start(0, 3)]);
        long run = await sut.BeginRuns([Start(0, 3, before)]);

        // Whoever ran it began again, 40 times, without asking.
        await sut.Checkpoint(Next(0, 3, 8, 9) with { Run = before + 40 });
        await sut.Checkpoint(Next(0, 3, 7) with { Run = run + 1 });

        SessionChoice choice = (await sut.Get())!.Choices.Single();
        Assert.Equal([1, 2, 3, 7], choice.Tokens);
        Assert.Equal(run + 1, choice.Run);
    }

    [Fact]
    public async Task Checkpoint_OfALaterRunOfAFinishedChoice_OpensItAgain()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");
        await sut.Checkpoint(First(0, 1, 2, 3) with { FinishReason = "stop" });

        Assert.Equal(3, await sut.Checkpoint(Next(0, 1, 8, 9) with { Run = 1 }));

        Assert.Equal([1, 8, 9], (await sut.Get())!.Choices.Single().Tokens);
        Assert.Null((await sut.Get())!.Choices.Single().FinishReason);
    }

    [Fact]
    public async Task Checkpoint_SeveralChoices_AreKeptApart()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");
        await sut.Checkpoint(First(1, 9));
        await sut.Checkpoint(First(0, 1));
        await sut.Checkpoint(Next(1, 1, 8));
        await sut.Checkpoint(Next(0, 1, 2));

        Assert.Equal([[1, 2], [9, 8]], (await sut.Get())!.Choices.Select(c => c.Tokens));
    }

    [Fact]
    public async Task Open_Twice_BeginsTheChoicesThatAreNew()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");
        await sut.Open([Head("r", 0)]);
        await sut.Checkpoint(Next(0, 0, 1));
        await sut.Open([Head("r", 0), Head("r", 1)]);

        Assert.Equal([[1], []], (await sut.Get())!.Choices.Select(c => c.Tokens));
    }

    [Fact]
    public async Task Open_HeadOfAnotherSession_IsRefused()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);

        await Assert.ThrowsAsync<ArgumentException>(() => silo.Grains.GetGrain<ISessionGrain>("another").Open([Head("r", 0)]));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(4096, 0)]
    [InlineData(0, -1)]
    public async Task Checkpoint_OutOfRange_IsRefused(int choice, int position)
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");

        await Assert.ThrowsAsync<ArgumentException>(() => sut.Checkpoint(Next(choice, position, 1)));
    }

    [Fact]
    public async Task Checkpoint_HeadOfAnotherSession_IsRefused()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);

        await Assert.ThrowsAsync<ArgumentException>(() => silo.Grains.GetGrain<ISessionGrain>("another").Checkpoint(First(0, 1)));
    }

    [Fact]
    public async Task Get_LongSessionAfterTheSiloRestarted_GivesAllTokens()
    {
        int[] tokens = [.. Enumerable.Range(0, (5 * ChoiceLog.SegmentTokens) + 3)];
        await using (TestSilo before = await TestSilo.StartAsync(_folder.Root))
        {
            await StreamAsync(before.Grains.GetGrain<ISessionGrain>("r"), tokens, 32);
        }
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");

        Assert.Equal(tokens, (await sut.Get())!.Choices.Single().Tokens);
        Assert.Equal(tokens.Length + 1, await sut.Checkpoint(Next(0, tokens.Length, 6)));
    }

    [Fact]
    public async Task Checkpoint_OfALongSession_WritesOneSmallFile()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");
        await StreamAsync(sut, [.. Enumerable.Range(0, 2000)], 32);
        Dictionary<string, DateTime> before = Files();

        await sut.Checkpoint(Next(0, 2000, 1, 2, 3));

        string written = Assert.Single(Files(), file => !before.TryGetValue(file.Key, out DateTime time) || time != file.Value).Key;
        Assert.InRange(new FileInfo(written).Length, 1, 1200);
    }

    [Fact]
    public async Task Open_PromptOfSeveralMegabytesFromAnotherProcess_IsKeptAndReadBack()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        using IHost client = ClientOf(silo);
        await client.StartAsync();
        int[] prompt = [.. Enumerable.Range(0, 1_500_000)];
        ISessionGrain sut = client.Services.GetRequiredService<Orleans.IClusterClient>().GetGrain<ISessionGrain>("r");

        await sut.Open([Head("r", 0) with { PromptTokens = prompt }]);
        await sut.Checkpoint(Next(0, 0, 5));

        SessionChoice kept = (await sut.Get())!.Choices.Single();
        Assert.True(prompt.SequenceEqual(kept.Head.PromptTokens), "The prompt is another one.");
        Assert.Equal([5], kept.Tokens);
        await client.StopAsync();
    }

    [Fact]
    public async Task Clear_Session_LeavesNothing()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        ISessionGrain sut = silo.Grains.GetGrain<ISessionGrain>("r");
        await StreamAsync(sut, [.. Enumerable.Range(0, 500)], 50);

        await sut.Clear();

        Assert.Null(await sut.Get());
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Get_AfterARemovalThatDidNotEnd_GivesNothingAndEndsIt()
    {
        await using (TestSilo before = await TestSilo.StartAsync(_folder.Root))
        {
            await StreamAsync(before.Grains.GetGrain<ISessionGrain>("r"), [.. Enumerable.Range(0, 500)], 50);
        }
        using (FileGrainStorage storage = new(_folder.Root, new DurableFiles()))
        {
            GrainId id = GrainId.Create("session", "r");
            Orleans.GrainState<SessionState> head = new();
            await storage.ReadStateAsync("session", id, head);
            head.State.Removed = true;
            await storage.WriteStateAsync("session", id, head);
        }
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);

        Assert.Null(await silo.Grains.GetGrain<ISessionGrain>("r").Get());
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Sweep_AfterTheTimeToLive_RemovesOldSessionsOnly()
    {
        ManualClock clock = new();
        await using TestSilo silo = await TestSilo.StartAtAsync(clock, _folder.Root, "--Silo:SessionTimeToLive=01:00:00");
        await silo.Grains.GetGrain<ISessionGrain>("old").Checkpoint(First(0, 1) with { Head = Head("old", 0) });
        await silo.Grains.GetGrain<ISessionGrain>("r").Checkpoint(First(0, 1));
        clock.Advance(TimeSpan.FromMinutes(40));
        await silo.Grains.GetGrain<ISessionGrain>("r").Checkpoint(Next(0, 1, 2));
        clock.Advance(TimeSpan.FromMinutes(40));

        await silo.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<SessionSweeper>().Single().SweepAsync(default);

        Assert.Null(await silo.Grains.GetGrain<ISessionGrain>("old").Get());
        Assert.NotNull(await silo.Grains.GetGrain<ISessionGrain>("r").Get());
        Assert.DoesNotContain(Files(), file => file.Key.Contains("old", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Get_DamagedSession_IsReportedByFileNameAndDoesNotStopOthers()
    {
        await using (TestSilo before = await TestSilo.StartAsync(_folder.Root))
        {
            await before.Grains.GetGrain<ISessionGrain>("r").Checkpoint(First(0, 1));
            await before.Grains.GetGrain<ISessionGrain>("other").Checkpoint(First(0, 1) with { Head = Head("other", 0) });
        }
        string damaged = Files().Keys.Single(file => file.EndsWith("kr.json", StringComparison.Ordinal));
        byte[] content = await File.ReadAllBytesAsync(damaged);
        content[content.Length / 2] ^= 4;
        await File.WriteAllBytesAsync(damaged, content);
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);

        Exception exception = (await Record.ExceptionAsync(() => silo.Grains.GetGrain<ISessionGrain>("r").Get()))!;

        Assert.Contains(damaged, exception.ToString(), StringComparison.Ordinal);
        Assert.NotNull(await silo.Grains.GetGrain<ISessionGrain>("other").Get());
    }

    public void Dispose() => _folder.Dispose();

    private static IHost ClientOf(TestSilo silo)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        int port = silo.Services.GetRequiredService<SiloPorts>().Gateway;
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(new IPEndPoint(IPAddress.Loopback, port));
            client.Configure<Orleans.Configuration.ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (WinnowCluster.ClusterId, WinnowCluster.ServiceId));
        });
        return builder.Build();
    }

    private static async Task StreamAsync(ISessionGrain grain, int[] tokens, int step)
    {
        await grain.Checkpoint(First(0, tokens[..step]));
        for (int at = step; at < tokens.Length; at += step)
        {
            await grain.Checkpoint(Next(0, at, tokens[at..Math.Min(at + step, tokens.Length)]));
        }
    }

    private static SessionHead Head(string request, int choice) =>
        new() { RequestId = request, Choice = choice, Model = "m", PromptTokens = [7, 8], SamplingJson = "{}" };

    private static SessionCheckpoint First(int choice, params int[] tokens) => Next(choice, 0, tokens) with { Head = Head("r", choice) };

    private static SessionRunStart Start(int choice, int position, long after = 0) => new() { Choice = choice, Position = position, After = after };

    private static SessionCheckpoint Next(int choice, int position, params int[] tokens) => new() { Choice = choice, Position = position, Tokens = tokens };

    private Dictionary<string, DateTime> Files() => Directory.EnumerateFiles(_folder.Root, "*.json", SearchOption.AllDirectories)
        .Where(file => file.Contains("session", StringComparison.Ordinal))
        .ToDictionary(file => file, File.GetLastWriteTimeUtc);
}
