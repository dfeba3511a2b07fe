namespace Winnow.Cluster.Law.Tests.Support;

/// <summary>A fact that needs workers with the lite edition's device, and is skipped where they have ILGPU's own.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LiteDeviceFactAttribute : FactAttribute
{
    public LiteDeviceFactAttribute()
    {
        if (!File.Exists(Path.Combine(AppContext.BaseDirectory, "roles", "GpuWorker", "Winnow.Lite.ILGPU.dll")))
        {
            Skip = "only the lite edition's device can be lost on purpose.";
        }
    }
}
