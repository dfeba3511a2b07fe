namespace Winnow.GpuWorker.Engine;

/// <summary>A piece of work for the thread that owns the device.</summary>
public abstract class DeviceWork
{
    /// <summary>Does the work, on the device's thread. Reports failures to whoever waits; an exception that gets out is fatal to the worker.</summary>
    public abstract void Run();

    /// <summary>The device's loop has ended; tells whoever waits. Called instead of <see cref="Run"/>.</summary>
    /// <param name="reason">What ended the loop.</param>
    public abstract void Abandon(Exception reason);
}
