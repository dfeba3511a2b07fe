using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Winnow.Hosting;

namespace Winnow.GpuWorker.Engine;

/// <summary>
/// The one thread that owns the device: everything that touches a shard's sequences, KV cache or kernels runs here, in order of arrival. While the
/// device computes a piece of work that was started, the next may be started too, so that it need not wait for the host in between.
/// </summary>
public sealed partial class DeviceLoop : IDisposable
{
    private readonly Channel<DeviceWork> _queue;
    private readonly ProcessHealth _health;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<DeviceLoop> _logger;
    private readonly Thread _thread;
    private DeviceWork? _underWay;

    /// <summary>Starts the thread.</summary>
    /// <param name="options">Length of the queue.</param>
    /// <param name="health">Told when the loop dies.</param>
    /// <param name="lifetime">Stops the process when the loop dies.</param>
    /// <param name="logger">Log.</param>
    public DeviceLoop(IOptions<WorkerOptions> options, ProcessHealth health, IHostApplicationLifetime lifetime, ILogger<DeviceLoop> logger)
    {
        _health = health;
        _lifetime = lifetime;
        _logger = logger;
        _queue = Channel.CreateBounded<DeviceWork>(new BoundedChannelOptions(options.Value.DeviceQueue) { SingleReader = true });
        _thread = new Thread(Loop) { IsBackground = true, Name = "winnow-device" };
        _thread.Start();
    }

    /// <summary>Queues work; waits while the queue is full.</summary>
    /// <exception cref="ChannelClosedException">The loop has ended.</exception>
    public ValueTask EnqueueAsync(DeviceWork work, CancellationToken cancellation) => _queue.Writer.WriteAsync(work, cancellation);

    /// <summary>Queues work that may be left undone; <see langword="false"/> when the queue is full or the loop has ended.</summary>
    public bool TryEnqueue(DeviceWork work) => _queue.Writer.TryWrite(work);

    /// <summary>Runs an action on the device's thread, after all work queued before it.</summary>
    /// <exception cref="ChannelClosedException">The loop has ended.</exception>
    public async Task InvokeAsync(Action action)
    {
        ActionWork work = new(action);
        await _queue.Writer.WriteAsync(work);
        await work.Done;
    }

    /// <summary>Lets the queued work finish and ends the thread.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _thread.Join();
    }

    private void Loop()
    {
        ChannelReader<DeviceWork> reader = _queue.Reader;
        try
        {
            do
            {
                while (reader.TryRead(out DeviceWork? work))
                {
                    RunBeside(work);
                }
                FinishUnderWay();
            }
            while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult());
        }
        catch (Exception exception)
        {
            // The device's state is unknown from here on: the worker refuses work and stops, and its shards are placed elsewhere.
            LogFatal(exception);
            _health.ReportFatal(exception);
            _queue.Writer.TryComplete(exception);
            _underWay?.Abandon(exception);
            while (reader.TryRead(out DeviceWork? work))
            {
                work.Abandon(exception);
            }
            _lifetime.StopApplication();
        }
    }

    // Work is finished in the order in which it was started, and at once when nothing waits.
    private void RunBeside(DeviceWork work)
    {
        if (_underWay is not null && !work.MayRunBeside(_underWay))
        {
            FinishUnderWay();
        }
        work.Run();
        FinishUnderWay();
        _underWay = work.IsUnderWay ? work : null;
    }

    private void FinishUnderWay()
    {
        _underWay?.Finish();
        _underWay = null;
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Critical, Message = "The device loop ended; this worker can do no more work.")]
    private partial void LogFatal(Exception exception);

    private sealed class ActionWork(Action action) : DeviceWork
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public override void Run()
        {
            try
            {
                action();
                _done.SetResult();
            }
            catch (Exception exception)
            {
                _done.SetException(exception);
            }
        }

        public override void Abandon(Exception reason) => _done.SetException(reason);
    }
}
