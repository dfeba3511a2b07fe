namespace ILGPU.Execution;

/// <summary>Keeps runners and jobs for the next launch.</summary>
internal sealed class RunnerPool(int sharedBytes) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stack<GroupRunner> _runners = [];
    private readonly Stack<LaunchJob> _jobs = [];

    internal GroupRunner Rent()
    {
        lock (_lock)
        {
            if (_runners.TryPop(out GroupRunner? runner))
            {
                return runner;
            }
        }

        return new(sharedBytes);
    }

    internal void Return(GroupRunner runner)
    {
        lock (_lock)
        {
            _runners.Push(runner);
        }
    }

    internal LaunchJob RentJob()
    {
        lock (_lock)
        {
            return _jobs.TryPop(out LaunchJob? job) ? job : new(this);
        }
    }

    internal void ReturnJob(LaunchJob job)
    {
        lock (_lock)
        {
            _jobs.Push(job);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            while (_runners.TryPop(out GroupRunner? runner))
            {
                runner.Dispose();
            }
        }
    }
}
