namespace ILGPU.Runtime.OpenCL;

/// <summary>Discovery of OpenCL devices, of which this edition finds none.</summary>
public static class CLContextExtensions
{
    /// <summary>Adds the OpenCL devices.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    public static Context.Builder OpenCL(this Context.Builder builder) => builder;

    /// <summary>Adds OpenCL devices.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="predicate">Chooses among them.</param>
    /// <returns>The builder.</returns>
    public static Context.Builder OpenCL(this Context.Builder builder, Predicate<CLDevice> predicate) => builder;

    /// <summary>The OpenCL devices.</summary>
    /// <param name="context">The context.</param>
    /// <returns>The devices.</returns>
    public static Context.DeviceCollection<CLDevice> GetCLDevices(this Context context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetDevices<CLDevice>();
    }
}
