using System.Runtime.ExceptionServices;

namespace ILGPU.Execution;

/// <summary>
/// Shares the groups of a launch between the launching thread and threads of the pool. A thread that comes when the launch is over, or when the
/// next one of the same job has begun, finds nothing or helps that one: jobs are used again and launches allocate nothing.
/// </summary>
internal sealed class LaunchJob(RunnerPool runners) : IThreadPoolWorkItem
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _idle = new(0);
    private LaunchPlan _plan;
    private ExceptionDispatchInfo? _fault;
    private long _next;
    private int _running;
    private bool _isOpen;

    /// <summary>Runs a launch, and returns when it is done.</summary>
    /// <param name="plan">The launch.</param>
    /// <param name="helpers">How many other threads to ask.</param>
    internal void Run(in LaunchPlan plan, int helpers)
    {
        _plan = plan;
        _fault = null;
        _next = 0;
        lock (_lock)
        {
            _isOpen = true;
            _running = 1;
        }

        for (int i = 0; i < helpers; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        RunGroups();
        bool othersRun;
        lock (_lock)
        {
            _isOpen = false;
            othersRun = --_running > 0;
        }

        if (othersRun)
        {
            _idle.Wait();
        }

        _fault?.Throw();
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        lock (_lock)
        {
            if (!_isOpen)
            {
                return;
            }

            _running++;
        }

        RunGroups();
        lock (_lock)
        {
            if (--_running == 0 && !_isOpen)
            {
                _idle.Release();
            }
        }
    }

    private void RunGroups()
    {
        long groups = _plan.Groups;
        GroupRunner? runner = null;
        try
        {
            for (long group = Interlocked.Increment(ref _next) - 1; group < groups; group = Interlocked.Increment(ref _next) - 1)
            {
                if (runner is null)
                {
                    runner = runners.Rent();
                    runner.Prepare(_plan);
                }

                runner.Run(group, _plan);
            }
        }
        catch (Exception fault)
        {
            Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(fault), null);
            Interlocked.Exchange(ref _next, groups);
        }
        finally
        {
            if (runner is not null)
            {
                runner.Finish();
                runners.Return(runner);
            }
        }
    }
}
