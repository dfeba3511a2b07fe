using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Winnow.GpuWorker.Devices;

/// <summary>The kinds of devices that a worker computes on.</summary>
public enum DeviceKind
{
    /// <summary>The first CUDA device that can be used, otherwise the processor.</summary>
    Auto,

    /// <summary>The processor, by the CPU backend.</summary>
    Cpu,

    /// <summary>A device behind NVIDIA's driver.</summary>
    Cuda,

    /// <summary>A device behind an OpenCL driver.</summary>
    OpenCl,

    /// <summary>The device kernels on ILGPU's CPU accelerator: correct and slow, for tests of the kernels.</summary>
    IlgpuCpu,
}

/// <summary>A device as a flag or an option names it: <c>auto</c>, <c>cpu</c>, <c>cuda:N</c>, <c>opencl:N</c> or <c>ilgpu-cpu</c>.</summary>
/// <param name="Kind">Kind of device.</param>
/// <param name="Index">Which of its kind, from 0.</param>
public readonly record struct DeviceChoice(DeviceKind Kind, int Index = 0)
{
    /// <summary>What may be written, for messages.</summary>
    public const string Allowed = "auto, cpu, cuda:N, opencl:N, ilgpu-cpu";

    private const int MaxIndex = 63;
    private const string Cuda = "cuda";
    private const string OpenCl = "opencl";

    /// <summary>Reads a name; <c>cuda</c> and <c>opencl</c> without a number mean the first of their kind.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out DeviceChoice choice)
    {
        choice = default;
        string[] parts = (name ?? "").ToLowerInvariant().Split(':');
        int index = 0;
        bool numbered = parts.Length == 2;
        if (parts.Length > 2 || (numbered && !(int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index) && index <= MaxIndex)))
        {
            return false;
        }
        DeviceKind? kind = parts[0] switch
        {
            "auto" when !numbered => DeviceKind.Auto,
            "cpu" when !numbered => DeviceKind.Cpu,
            "ilgpu-cpu" when !numbered => DeviceKind.IlgpuCpu,
            Cuda => DeviceKind.Cuda,
            OpenCl => DeviceKind.OpenCl,
            _ => null,
        };
        choice = new DeviceChoice(kind ?? DeviceKind.Auto, index);
        return kind is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        DeviceKind.Auto => "auto",
        DeviceKind.Cpu => "cpu",
        DeviceKind.IlgpuCpu => "ilgpu-cpu",
        _ => string.Create(CultureInfo.InvariantCulture, $"{(Kind == DeviceKind.Cuda ? Cuda : OpenCl)}:{Index}"),
    };
}
