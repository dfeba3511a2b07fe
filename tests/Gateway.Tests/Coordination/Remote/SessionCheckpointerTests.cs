using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Remote;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Coordination.Remote;

public sealed class SessionCheckpointerTests
{
    private const int NotWritten = 3170;
    private const int WrittenAgain = 3171;
    private readonly FakeGrain _grain = new();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Append_SmallSteps_SendsEveryTokenOnceAndNoHead()
    {
        await using (SessionCheckpointer sut = Make())
        {
            ISessionLog log = sut.Open(Head(), [], run: 0);
            for (int token = 0; token < 5; token++)
            {
                log.Append([token], token == 4 ? "length" : null);
                await _grain.WaitForAsync(token + 1);
            }
        }
        Assert.Equal([0, 1, 2, 3, 4], _grain.Held);
        Assert.All(_grain.Taken, taken => Assert.Null(taken.Head));
        Assert.Equal([1, 1, 1, 1, 1], _grain.Taken.Select(taken => taken.Tokens.Count));
        Assert.Equal("length", _grain.Taken[^1].FinishReason);
    }

    [Fact]
    public async Task Append_WhileTheGrainIsSlow_OneCheckpointTakesAllThatCame()
    {
        _grain.Leave = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (SessionCheckpointer sut = Make())
        {
            ISessionLog log = sut.Open(Head(), [], run: 0);
            log.Append([1], null);
            await _grain.Entered.Task;
            log.Append([2, 3], null);
            log.Append([4], "stop");
            _grain.Leave.SetResult();
        }
        Assert.Equal([1, 3], _grain.Taken.Select(taken => taken.Tokens.Count));
        Assert.Equal([1, 2, 3, 4], _grain.Held);
    }

    [Fact]
    public async Task Append_TheGrainLostTokens_SendsFromWhereTheyAreMissing()
    {
        await using (SessionCheckpointer sut = Make())
        {
            ISessionLog log = sut.Open(Head(), [], run: 0);
            log.Append([1, 2, 3, 4], null);
            await _grain.WaitForAsync(4);
            _grain.Held.RemoveRange(2, 2);
            log.Append([5], null);
        }
        Assert.Equal([1, 2, 3, 4, 5], _grain.Held);
        Assert.Equal([0, 4, 2], _grain.Taken.Select(taken => taken.Position));
    }

    [Fact]
    public async Task Append_AfterAnEarlierRun_SendsFromItsEndOn()
    {
        _grain.Held.AddRange([1, 2, 3]);
        await using (SessionCheckpointer sut = Make())
        {
            sut.Open(Head(), [1, 2, 3], run: 0).Append([4], null);
        }
        Assert.Equal([1, 2, 3, 4], _grain.Held);
        Assert.Equal([3], _grain.Taken.Select(taken => taken.Position));
    }

    [Fact]
    public async Task Append_TheGrainForgotTheSession_SendsEverything()
    {
        await using (SessionCheckpointer sut = Make())
        {
            ISessionLog log = sut.Open(Head(), [], run: 0);
            log.Append([1, 2], null);
            await _grain.WaitForAsync(2);
            _grain.Held.Clear();
            _grain.Knows = false;
            log.Append([3], null);
        }
        Assert.Equal([1, 2, 3], _grain.Held);
        Assert.Equal([false, false, true], _grain.Taken.Select(taken => taken.Head is not null));
    }

    [Fact]
    public async Task Append_TheGrainTakesNothing_IsNotRepeatedForEver()
    {
        await using (SessionCheckpointer sut = Make())
        {
            (_grain.Knows, _grain.Refuses) = (false, true);
            sut.Open(Head(), [], run: 0).Append([1], "stop");
        }
        Assert.Equal(2, _grain.Taken.Count);
    }

    [Fact]
    public async Task Append_TheGrainFails_IsRepeatedAfterAWhile()
    {
        _grain.Failures = 1;
        await using SessionCheckpointer sut = Make();
        sut.Open(Head(), [], run: 0).Append([1, 2], "stop");
        await _grain.Entered.Task;
        while (_grain.Held.Count == 0)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Equal([1, 2], _grain.Held);
    }

    [Fact]
    public async Task Append_TheSiloIsAway_IsSaidOnceForAllChoicesAndOnceWhenItIsBack()
    {
        var logs = new RecordingLoggers();
        _grain.Failures = 40;
        await using SessionCheckpointer sut = new(_ => _grain, _time, new Logger<SessionCheckpointer>(new LoggerFactory([logs])));
        for (int choice = 0; choice < 3; choice++)
        {
            sut.Open(Head() with { Choice = choice }, [], run: 0).Append([1, 2], "stop");
        }

        using var limit = new CancellationTokenSource(TestLimits.Patience);
        while (logs.Entries.Count < 2)
        {
            limit.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal([NotWritten, WrittenAgain], logs.Entries.Select(entry => entry.Id));
        Assert.Contains(" 40 attempts", logs.Entries.Last().Text, StringComparison.Ordinal);
    }

    private SessionCheckpointer Make() => new(_ => _grain, _time, NullLogger<SessionCheckpointer>.Instance);

    private static SessionHead Head() =>
        new() { RequestId = "r", Choice = 0, Model = "m", PromptTokens = [1], SamplingJson = "{}" };

    /// <summary>Adds up one choice like a session grain.</summary>
    private sealed class FakeGrain : ISessionGrain
    {
        private readonly SemaphoreSlim _more = new(0);
        private int _failures;

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource? Leave { get; set; }

        public List<SessionCheckpoint> Taken { get; } = [];

        public List<int> Held { get; } = [];

        public bool Knows { get; set; } = true;

        public bool Refuses { get; set; }

        public int Failures { set => _failures = value; }

        public async Task WaitForAsync(int tokens)
        {
            do
            {
                Assert.True(await _more.WaitAsync(TimeSpan.FromSeconds(30)), $"the grain has '{Held.Count}' tokens of '{tokens}'");
            }
            while (Held.Count < tokens);
        }

        public async Task<int> Checkpoint(SessionCheckpoint checkpoint)
        {
            lock (Taken)
            {
                Taken.Add(checkpoint);
            }
            Entered.TrySetResult();
            await (Leave?.Task ?? Task.CompletedTask);
            if (Interlocked.Decrement(ref _failures) >= 0)
            {
                throw new TimeoutException("the silo is away");
            }
            Knows |= checkpoint.Head is not null && !Refuses;
            if (!Knows)
            {
                return SessionCheckpoint.Unknown;
            }
            if (checkpoint.Position <= Held.Count)
            {
                Held.AddRange(checkpoint.Tokens.Skip(Held.Count - checkpoint.Position));
            }
            int held = Held.Count;
            _more.Release();
            return held;
        }

        public Task Open(IReadOnlyList<SessionHead> heads) => Task.CompletedTask;

        public Task<long> BeginRuns(IReadOnlyList<SessionRunStart> starts) => throw new NotSupportedException();

        public Task<SessionSnapshot?> Get() => Task.FromResult<SessionSnapshot?>(null);

        public Task Expire() => Task.CompletedTask;

        public Task Clear() => Task.CompletedTask;
    }
}
