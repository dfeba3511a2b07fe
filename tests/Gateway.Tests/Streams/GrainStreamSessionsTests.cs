using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Streams;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Streams;

/// <summary>The first event of a stream waits until its session is kept, and for a silo that is away only until that is known.</summary>
public sealed class GrainStreamSessionsTests
{
    private readonly ManualTime _time = new();
    private readonly RecordingLoggers _logs = new();
    private readonly FakeSession _session = new();
    private readonly GrainStreamSessions _sut;

    public GrainStreamSessionsTests()
    {
        var cluster = (ClusterProxy)(object)DispatchProxy.Create<IClusterClient, ClusterProxy>();
        cluster.Session = _session;
        var calls = new SiloCalls(Options.Create(new GatewayOptions()), _time);
        _sut = new GrainStreamSessions((IClusterClient)(object)cluster, calls, _time, new Logger<GrainStreamSessions>(new LoggerFactory([_logs])));
    }

    [Fact]
    public async Task OpenAsync_SiloThatHangs_HoldsOneStreamForTwoSecondsAndNoOther()
    {
        Task first = OpenAsync("a");
        bool isHeld = !first.IsCompleted;
        _time.Advance(TimeSpan.FromSeconds(2));
        await first;

        Task second = OpenAsync("b");

        Assert.Equal((true, true), (isHeld, second.IsCompleted));
    }

    [Fact]
    public async Task OpenAsync_SiloThatIsBack_IsWaitedForAgainAndBothAreSaidOnce()
    {
        _session.Answer.SetException(new TimeoutException("away"));
        for (int i = 0; i < 5; i++)
        {
            await OpenAsync("a");
        }
        _session.Answer = new TaskCompletionSource();
        _session.Answer.SetResult();
        await OpenAsync("b");
        _session.Answer = new TaskCompletionSource();

        Task held = OpenAsync("c");

        Assert.False(held.IsCompleted);
        Assert.Equal([2030, 2031], _logs.Entries.Select(entry => entry.Id));
    }

    [Fact]
    public async Task BeginRunsAsync_AnotherRunWasFaster_SaysThatNoneWasBegun()
    {
        _session.Begin = starts => starts.Count == 1 && starts[0] == new SessionRunStart { Choice = 2, Position = 3, After = 7 } ? 9 : SessionRunStart.NotBegun;
        GenerationRequest request = Requests.Of(4, 8) with { Index = 2, Generated = [1, 2, 3], Run = 7 };

        long? begun = await _sut.BeginRunsAsync("a", [request], CancellationToken.None);
        long? late = await _sut.BeginRunsAsync("a", [request with { Run = 6 }], CancellationToken.None);

        Assert.Equal((9, null), (begun, late));
    }

    private Task OpenAsync(string id) => _sut.OpenAsync([new SessionHead { RequestId = id, Choice = 0, Model = "m", PromptTokens = [1], SamplingJson = "{}" }]);

    private sealed class FakeSession : ISessionGrain
    {
        public TaskCompletionSource Answer { get; set; } = new();

        public Task Open(IReadOnlyList<SessionHead> heads) => Answer.Task;

        public Task<int> Checkpoint(SessionCheckpoint checkpoint) => throw new NotSupportedException();

        public Func<IReadOnlyList<SessionRunStart>, long> Begin { get; set; } = static _ => throw new NotSupportedException();

        public Task<long> BeginRuns(IReadOnlyList<SessionRunStart> starts) => Task.FromResult(Begin(starts));

        public Task<SessionSnapshot?> Get() => throw new NotSupportedException();

        public Task Expire() => throw new NotSupportedException();

        public Task Clear() => throw new NotSupportedException();
    }

    /// <summary>A cluster client of both builds, whose interfaces differ in size.</summary>
    internal class ClusterProxy : DispatchProxy
    {
        public ISessionGrain? Session { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.ReturnType == typeof(ISessionGrain) ? Session
            : throw new NotSupportedException($"'{targetMethod?.Name}' is not faked.");
    }
}
