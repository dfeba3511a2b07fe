namespace Winnow.GpuWorker.Engine;

/// <summary>A piece of work for the thread that owns the device.</summary>
public abstract class DeviceWork
{
    /// <summary>Does or starts the work, on the device's thread. Reports failures to whoever waits; an exception that gets out is fatal to the worker.</summary>
    public abstract void Run();

    /// <summary>Whether the work was only started and the device goes on with it: <see cref="Finish"/> has the rest.</summary>
    public virtual bool IsUnderWay => false;

    /// <summary>Whether this may run before other work, which is under way, is finished.</summary>
    public virtual bool MayRunBeside(DeviceWork other) => false;

    /// <summary>Waits for work that is under way and does the rest; an exception that gets out is fatal to the worker.</summary>
    public virtual void Finish()
    {
    }

    /// <summary>The device's loop has ended; tells whoever waits. Called instead of <see cref="Run"/> or <see cref="Finish"/>.</summary>
    /// <param name="reason">What ended the loop.</param>
    public abstract void Abandon(Exception reason);
}
