namespace ILGPU.Runtime.CPU;

/// <summary>
/// A device that is lost while a program runs, for tests of what the program does then: the environment variable names a folder, and from when a file
/// named by the process' id lies there, every launch fails. Without the variable nothing is looked for.
/// </summary>
internal static class DeviceLoss
{
    /// <summary>Environment variable.</summary>
    public const string Variable = "LITE_ILGPU_LOST_DEVICES";

    private static readonly string? Notice = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? Path.Combine(folder, $"{Environment.ProcessId}") : null;

    /// <summary>Fails when the device is lost.</summary>
    /// <exception cref="AcceleratorException">It is.</exception>
    public static void ThrowIfLost()
    {
        if (Notice is not null && File.Exists(Notice))
        {
            throw new CPUKernelException("the device is lost, as a test wishes.");
        }
    }
}
