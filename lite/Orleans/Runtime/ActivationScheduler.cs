namespace Orleans.Runtime;

/// <summary>
/// Runs an activation's tasks one at a time on the thread pool. Code after an <see langword="await"/> in a grain comes back here, so a
/// grain never runs on two threads at once.
/// </summary>
internal sealed class ActivationScheduler : TaskScheduler, IThreadPoolWorkItem
{
    [ThreadStatic]
    private static ActivationScheduler? _running;

    private readonly Lock _lock = new();
    private readonly Queue<Task> _tasks = new();
    private bool _scheduled;

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => 1;

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        _running = this;
        try
        {
            // One task a visit, then back into the pool's queue: a busy grain must not keep a thread from the others.
            Task task;
            lock (_lock)
            {
                task = _tasks.Dequeue();
            }

            TryExecuteTask(task);
        }
        finally
        {
            _running = null;
            lock (_lock)
            {
                _scheduled = _tasks.Count > 0;
                if (_scheduled)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                }
            }
        }
    }

    /// <summary>Starts work as a turn, free of the caller's execution context.</summary>
    internal void Run(Func<Task> work)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            Start();
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            Start();
        }

        void Start() => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        lock (_lock)
        {
            _tasks.Enqueue(task);
            if (!_scheduled)
            {
                _scheduled = true;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }
    }

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        ReferenceEquals(_running, this) && !taskWasPreviouslyQueued && TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock)
        {
            return [.. _tasks];
        }
    }
}
