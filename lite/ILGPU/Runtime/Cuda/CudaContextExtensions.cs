namespace ILGPU.Runtime.Cuda;

/// <summary>Discovery of CUDA devices, of which this edition finds none.</summary>
public static class CudaContextExtensions
{
    /// <summary>Adds the CUDA devices.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    public static Context.Builder Cuda(this Context.Builder builder) => builder;

    /// <summary>Adds CUDA devices.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="predicate">Chooses among them.</param>
    /// <returns>The builder.</returns>
    public static Context.Builder Cuda(this Context.Builder builder, Predicate<CudaDevice> predicate) => builder;

    /// <summary>The CUDA devices.</summary>
    /// <param name="context">The context.</param>
    /// <returns>The devices.</returns>
    public static Context.DeviceCollection<CudaDevice> GetCudaDevices(this Context context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetDevices<CudaDevice>();
    }
}
