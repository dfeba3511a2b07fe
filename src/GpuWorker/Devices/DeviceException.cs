namespace Winnow.GpuWorker.Devices;

/// <summary>A device cannot be used, or has stopped working, which ends its worker; the message is one line that says what to do.</summary>
public sealed class DeviceException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">One line: the device, what was found, what to do.</param>
    /// <param name="inner">What the driver or the compiler said.</param>
    public DeviceException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
