using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Tests.Support;
using Winnow.Hosting;

namespace Winnow.GpuWorker.Tests.Engine;

/// <summary>In which order the device's thread runs and finishes work.</summary>
public sealed class DeviceLoopTests : IDisposable
{
    private readonly ConcurrentQueue<string> _events = [];
    private readonly ManualResetEventSlim _gate = new();
    private readonly StoppedLifetime _lifetime = new();

    [Fact]
    public async Task Enqueue_WorkThatMayOverlap_StartsTheNextBeforeTheFirstIsFinished()
    {
        await RunAsync(new Piece(this, "a"), new Piece(this, "b"), new Piece(this, "c"));

        Assert.Equal(["run a", "run b", "finish a", "run c", "finish b", "finish c"], _events);
    }

    [Fact]
    public async Task Enqueue_WorkThatMayNotOverlap_WaitsForTheFirst()
    {
        await RunAsync(new Piece(this, "a"), new Piece(this, "b") { Beside = false }, new Piece(this, "c") { Stays = false });

        Assert.Equal(["run a", "finish a", "run b", "run c", "finish b"], _events);
    }

    [Fact]
    public async Task Enqueue_NothingElseWaits_FinishesAtOnce()
    {
        using DeviceLoop sut = Create();
        await sut.EnqueueAsync(new Piece(this, "a"), CancellationToken.None);

        Assert.True(SpinWait.SpinUntil(() => _events.Contains("finish a"), Patience.Limit), "phase: one piece is queued; expected it finished with no other to follow.");
    }

    [Fact]
    public async Task Enqueue_WorkThatBreaksBesideOther_AbandonsBothAndEndsTheLoop()
    {
        await RunAsync(new Piece(this, "a"), new Piece(this, "b") { Breaks = true }, new Piece(this, "c"));

        Assert.Equal(["run a", "run b", "abandon a", "abandon c"], _events);
        Assert.True(_lifetime.IsStopped);
    }

    public void Dispose() => _gate.Dispose();

    private DeviceLoop Create() => new(Options.Create(new WorkerOptions()), new ProcessHealth(), _lifetime, NullLogger<DeviceLoop>.Instance);

    // All pieces are queued before the first runs.
    private async Task RunAsync(params Piece[] pieces)
    {
        using DeviceLoop sut = Create();
        Task opened = sut.InvokeAsync(() => _gate.Wait(Patience.Limit));
        foreach (Piece piece in pieces)
        {
            await sut.EnqueueAsync(piece, CancellationToken.None);
        }
        _gate.Set();
        await opened;
        sut.Dispose();
    }

    private sealed class Piece(DeviceLoopTests test, string name) : DeviceWork
    {
        private bool _underWay;

        public bool Beside { get; init; } = true;

        public bool Stays { get; init; } = true;

        public bool Breaks { get; init; }

        public override bool IsUnderWay => _underWay;

        public override bool MayRunBeside(DeviceWork other) => Beside;

        public override void Run()
        {
            test._events.Enqueue($"run {name}");
            if (Breaks)
            {
                throw new InvalidOperationException("broken");
            }
            _underWay = Stays;
        }

        public override void Finish()
        {
            _underWay = false;
            test._events.Enqueue($"finish {name}");
        }

        public override void Abandon(Exception reason) => test._events.Enqueue($"abandon {name}");
    }

    private sealed class StoppedLifetime : IHostApplicationLifetime
    {
        public bool IsStopped { get; private set; }

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => IsStopped = true;
    }
}
