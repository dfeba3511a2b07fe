using Microsoft.Extensions.Options;
using Winnow.Contracts;
using Winnow.GpuWorker.Devices;
using Winnow.Hosting;
using Winnow.Inference.Cache;

namespace Winnow.GpuWorker;

/// <summary>Checks <see cref="WorkerOptions"/> at start and reports every failure at once.</summary>
public sealed class WorkerOptionsValidator : IValidateOptions<WorkerOptions>
{
    private const string TokenOption = "Worker:ClusterToken";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, WorkerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionChecks checks = new(WorkerOptions.Section);
        checks.ListenGrpc(nameof(options.Listen), options.Listen, options.Insecure);
        checks.Listen(nameof(options.HttpListen), options.HttpListen, options.ClusterToken, options.Insecure, TokenOption);
        if (options.WorkerId.Length > 0 && !WorkerIds.IsValid(options.WorkerId))
        {
            checks.Fail($"Worker:WorkerId '{options.WorkerId}' is not allowed; allowed are {WorkerIds.Allowed}.");
        }
        if (options.AdvertisedAddress.Length > 0)
        {
            checks.HttpAddress(nameof(options.AdvertisedAddress), options.AdvertisedAddress);
        }
        for (int i = 0; i < options.SiloAddresses.Count; i++)
        {
            checks.HttpAddress($"{nameof(options.SiloAddresses)}:{i}", options.SiloAddresses[i]);
        }
        checks.OneOf(nameof(options.Role), options.Role, "target", "draft", "both");
        if (!DeviceSelection.TryParse(options.Device, out _))
        {
            checks.Fail($"Worker:Device '{options.Device}' is not known; allowed are {DeviceSelection.Allowed}.");
        }
        checks.OneOf(nameof(options.KvType), options.KvType, [.. KvTypes.Names]);
        checks.OneOf(nameof(options.HiddenType), options.HiddenType, "f32", "f16", "q8");
        checks.InRange(nameof(options.Threads), options.Threads, 0, 1024);
        checks.InRange(nameof(options.MemoryBytes), options.MemoryBytes, 0, 1L << 60);
        checks.InRange(nameof(options.DeviceQueue), options.DeviceQueue, 1, 4096);
        checks.InRange(nameof(options.ResultBuffer), options.ResultBuffer, 1, 65536);
        checks.InRange(nameof(options.ConnectSeconds), options.ConnectSeconds, 1, 600);
        checks.InRange(nameof(options.DrainSeconds), options.DrainSeconds, 0, 600);
        checks.InRange(nameof(options.SiloRetrySeconds), options.SiloRetrySeconds, 1, 300);
        return checks.ToResult();
    }
}
