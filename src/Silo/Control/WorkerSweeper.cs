using Microsoft.Extensions.Options;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Silo.Grains;
using Winnow.Silo.Storage;

namespace Winnow.Silo.Control;

/// <summary>Has workers forgotten that have been dead for long.</summary>
internal sealed class WorkerSweeper(IStateIndex index, IGrainFactory grains, IOptions<SiloOptions> options, TimeProvider time, ILogger<WorkerSweeper> logger)
    : StateSweeper(index, WorkerGrain.StateName, options.Value.ForgetWorkerAfter, time, logger)
{
    /// <inheritdoc/>
    protected override Task ExpireAsync(string key) => grains.GetGrain<IWorkerGrain>(key).Expire();
}
