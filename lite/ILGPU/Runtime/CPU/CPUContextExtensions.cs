namespace ILGPU.Runtime.CPU;

/// <summary>The CPU devices of a context.</summary>
public static class CPUContextExtensions
{
    /// <summary>Adds the default CPU device.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    public static Context.Builder DefaultCPU(this Context.Builder builder) => builder.CPU(CPUDeviceKind.Default);

    /// <summary>Adds a CPU device.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="kind">Its kind.</param>
    /// <returns>The builder.</returns>
    public static Context.Builder CPU(this Context.Builder builder, CPUDeviceKind kind) => builder.CPU(CPUDevice.GetDevice(kind));

    /// <summary>Adds a CPU device.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="device">The device.</param>
    /// <returns>The builder.</returns>
    public static Context.Builder CPU(this Context.Builder builder, CPUDevice device)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(device);
    }

    /// <summary>Adds all kinds of CPU devices.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    public static Context.Builder CPU(this Context.Builder builder) => builder.CPU(_ => true);

    /// <summary>Adds some kinds of CPU devices.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="predicate">Chooses them.</param>
    /// <returns>The builder.</returns>
    public static Context.Builder CPU(this Context.Builder builder, Predicate<CPUDevice> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        foreach (CPUDevice device in CPUDevice.All)
        {
            if (predicate(device))
            {
                builder.CPU(device);
            }
        }

        return builder;
    }

    /// <summary>A CPU device of a context.</summary>
    /// <param name="context">The context.</param>
    /// <param name="cpuDeviceIndex">Its place among the CPU devices.</param>
    /// <returns>The device.</returns>
    public static CPUDevice GetCPUDevice(this Context context, int cpuDeviceIndex)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetDevice<CPUDevice>(cpuDeviceIndex);
    }

    /// <summary>The CPU devices of a context.</summary>
    /// <param name="context">The context.</param>
    /// <returns>The devices.</returns>
    public static Context.DeviceCollection<CPUDevice> GetCPUDevices(this Context context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetDevices<CPUDevice>();
    }

    /// <summary>An accelerator for a CPU device of a context.</summary>
    /// <param name="context">The context.</param>
    /// <param name="cpuDeviceIndex">The device's place among the CPU devices.</param>
    /// <returns>The accelerator.</returns>
    public static CPUAccelerator CreateCPUAccelerator(this Context context, int cpuDeviceIndex)
        => context.GetCPUDevice(cpuDeviceIndex).CreateCPUAccelerator(context);

    /// <summary>An accelerator for a CPU device of a context.</summary>
    /// <param name="context">The context.</param>
    /// <param name="cpuDeviceIndex">The device's place among the CPU devices.</param>
    /// <param name="mode">How it runs the groups of a launch.</param>
    /// <returns>The accelerator.</returns>
    public static CPUAccelerator CreateCPUAccelerator(this Context context, int cpuDeviceIndex, CPUAcceleratorMode mode)
        => context.GetCPUDevice(cpuDeviceIndex).CreateCPUAccelerator(context, mode);
}
