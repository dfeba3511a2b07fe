using System.Globalization;
using System.Text.Json;
using Winnow.GpuWorker.Devices;
using Winnow.Inference.Cpu;

namespace Winnow.Cli.Output;

/// <summary>What <c>winnow devices</c> prints; the JSON names are documented in docs/cli.md.</summary>
/// <param name="Devices">The processor first.</param>
internal sealed record DevicesReport(IReadOnlyList<DeviceLine> Devices)
{
    /// <summary>Measures every device that can be used.</summary>
    public static DevicesReport Measure(DeviceCatalog catalog, TimeProvider time) =>
        new([.. catalog.Devices.Select(device => DeviceLine.From(device, device.Problem is null ? BytesPerSecond(catalog, device, time) : null))]);

    /// <summary>Measures the devices that are named, alone or together.</summary>
    /// <exception cref="DeviceException">One is not there, cannot be used, or they do not go together.</exception>
    public static DevicesReport Measure(DeviceCatalog catalog, IEnumerable<DeviceSelection> devices, TimeProvider time) =>
        new([.. devices.Select(catalog.Resolve).Select(device => DeviceLine.From(device, BytesPerSecond(catalog, device, time)))]);

    /// <summary>Writes it for people or as one JSON object.</summary>
    public void Write(TextWriter output, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(this, CliJson.Relaxed.DevicesReport));
            return;
        }
        foreach (DeviceLine line in Devices)
        {
            string gigabytes = line.GbPerSecond?.ToString("0.0", CultureInfo.InvariantCulture) ?? "-";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{line.Device,-10} {line.Model}; {line.MemoryBytes / (double)(1L << 30):0.0} GiB, {gigabytes} GB/s; {line.Processors} processors{Named("capability", line.Capability)}{Named("driver", line.Driver)}; kernels: {line.Kernels}"));
            foreach (string remark in new[] { line.Problem, line.Remark }.OfType<string>())
            {
                output.WriteLine($"{"",-10} {remark}");
            }
        }
    }

    private static string Named(string name, string value) => value.Length == 0 ? "" : $", {name} {value}";

    private static double BytesPerSecond(DeviceCatalog catalog, DeviceDescription device, TimeProvider time)
    {
        if (device.Choice.Kind == DeviceKind.Cpu)
        {
            return new CpuRoofline(time, Environment.ProcessorCount).MeasureReadBandwidth();
        }
        using var backend = new DeviceBackend(catalog, device);
        return backend.MeasureCopyBandwidth(time);
    }
}

/// <summary>One device.</summary>
internal sealed record DeviceLine
{
    /// <summary>What <c>--device</c> takes.</summary>
    public required string Device { get; init; }

    public required string Model { get; init; }

    public required long MemoryBytes { get; init; }

    /// <summary>Read on the processor; read and written by a copy on other devices. Null when the device cannot be used.</summary>
    public required double? GbPerSecond { get; init; }

    public required string Capability { get; init; }

    public required string Driver { get; init; }

    public required int Processors { get; init; }

    public required string Kernels { get; init; }

    public required string? Problem { get; init; }

    public required string? Remark { get; init; }

    public static DeviceLine From(DeviceDescription device, double? bytesPerSecond) => new()
    {
        Device = device.Name,
        Model = device.Model,
        MemoryBytes = device.MemoryBytes,
        GbPerSecond = bytesPerSecond / 1e9,
        Capability = device.Capability,
        Driver = device.Driver,
        Processors = device.Processors,
        Kernels = device.Kernels,
        Problem = device.Problem,
        Remark = device.Remark,
    };
}
