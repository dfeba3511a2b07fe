using Microsoft.Extensions.Options;
using Winnow.Hosting;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>Checks <see cref="ReplicaOptions"/> at start and reports every fault at once.</summary>
public sealed class ReplicaOptionsValidator : IValidateOptions<ReplicaOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, ReplicaOptions options)
    {
        var checks = new OptionChecks(ReplicaOptions.Section);
        TimeSpan shortest = TimeSpan.FromMilliseconds(1);
        TimeSpan shortWait = TimeSpan.FromMilliseconds(10);
        TimeSpan longest = TimeSpan.FromMinutes(10);
        checks.InRange(nameof(options.RetryDelay), options.RetryDelay, shortest, TimeSpan.FromMinutes(1));
        checks.InRange(nameof(options.MaxRetryDelay), options.MaxRetryDelay, shortest, longest);
        checks.InRange(nameof(options.AttemptTimeout), options.AttemptTimeout, shortWait, longest);
        checks.InRange(nameof(options.RenewInterval), options.RenewInterval, shortWait, TimeSpan.FromMinutes(1));
        checks.InRange(nameof(options.StandbyInterval), options.StandbyInterval, shortWait, TimeSpan.FromSeconds(4));
        checks.InRange(nameof(options.DraftStallTimeout), options.DraftStallTimeout, shortWait, longest);
        if (options.MaxRetryDelay < options.RetryDelay)
        {
            checks.Fail($"{ReplicaOptions.Section}:MaxRetryDelay '{options.MaxRetryDelay}' is less than RetryDelay '{options.RetryDelay}'; raise it.");
        }
        if (options.GatewayAddress.Length > 0)
        {
            checks.HttpAddress(nameof(options.GatewayAddress), options.GatewayAddress);
        }
        return checks.ToResult();
    }
}
