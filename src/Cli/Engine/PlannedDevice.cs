using Winnow.Cli.Commands;
using Winnow.Cli.Output;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Engine;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Cli.Engine;

/// <summary>The device, or the devices that share every layer, that a plan is made for.</summary>
/// <param name="description">What they are.</param>
internal sealed class PlannedDevice(DeviceDescription description)
{
    /// <summary>Devices that share every layer; 1 for one.</summary>
    public int Devices => description.Devices;

    /// <summary>Budget of a worker there.</summary>
    public long MemoryBytes => MemoryBudget.DefaultBytes(description);

    /// <summary>Looks for what a flag names; <see langword="null"/> for no name.</summary>
    /// <exception cref="CliException">The name is not known, or names more than one worker's devices.</exception>
    /// <exception cref="DeviceException">They are not there, cannot be used, or do not go together.</exception>
    public static PlannedDevice? Find(string? name)
    {
        DeviceSelection[] devices = ModelOptions.ReadDevices("--device", name);
        if (devices.Length > 1)
        {
            throw new CliException($"--device names '{devices.Length}' workers' devices; a plan is for one worker, give one, or join devices by '+'.", CliException.BadUsage);
        }
        if (devices.Length == 0)
        {
            return null;
        }
        using var catalog = new DeviceCatalog();
        return new PlannedDevice(catalog.Resolve(devices[0]));
    }

    /// <summary>Checks that the devices can share the models.</summary>
    /// <exception cref="CliException">They cannot; the message says why, and how many can.</exception>
    public void RequireShareable(string model, string? draft)
    {
        foreach (string path in new[] { model, draft }.OfType<string>())
        {
            using ModelFile file = ModelFile.Open(path);
            try
            {
                DeviceBackend.RequireShareable(file, Devices);
            }
            catch (ArgumentException exception)
            {
                throw new CliException(exception.Message, CliException.BadUsage);
            }
        }
    }

    /// <summary>What the plan says of the device.</summary>
    public PlanDevice Report(ModelFootprint target, ModelFootprint? draft) =>
        new(description.Name, description.Model, description.Kernels, Again(target) + Again(draft));

    private long Again(ModelFootprint? model) => model is null ? 0 : (Devices - 1) * model.ReplicatedBytes(0, model.Configuration.Layers);
}
