using Microsoft.Extensions.Options;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Silo.Storage;

namespace Winnow.Silo.Sessions;

/// <summary>Has sessions removed when their time to live after the last checkpoint is over.</summary>
internal sealed class SessionSweeper(IStateIndex index, IGrainFactory grains, IOptions<SiloOptions> options, TimeProvider time, ILogger<SessionSweeper> logger)
    : StateSweeper(index, SessionGrain.StateName, options.Value.SessionTimeToLive, time, logger)
{
    /// <inheritdoc/>
    protected override Task ExpireAsync(string key) => grains.GetGrain<ISessionGrain>(key).Expire();
}
