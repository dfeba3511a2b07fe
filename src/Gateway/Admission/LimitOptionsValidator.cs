using Microsoft.Extensions.Options;
using Winnow.Hosting;

namespace Winnow.Gateway.Admission;

/// <summary>Checks <see cref="LimitOptions"/> at start and reports every failure at once.</summary>
internal sealed class LimitOptionsValidator : IValidateOptions<LimitOptions>
{
    private const int Million = 1_000_000;
    private const int Billion = 1_000_000_000;

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, LimitOptions options)
    {
        var checks = new OptionChecks(LimitOptions.Section);
        checks.InRange(nameof(options.MaxConcurrentPerKey), options.MaxConcurrentPerKey, 0, Million);
        checks.InRange(nameof(options.RequestsPerMinutePerKey), options.RequestsPerMinutePerKey, 0, Billion);
        checks.InRange(nameof(options.TokensPerMinutePerKey), options.TokensPerMinutePerKey, 0, Billion);
        checks.InRange(nameof(options.MinPriority), options.MinPriority, -Million, Million);
        checks.InRange(nameof(options.RequestsPerMinutePerAddress), options.RequestsPerMinutePerAddress, 0, Billion);
        checks.InRange(nameof(options.MaxConnections), options.MaxConnections, 1, Million);
        checks.InRange(nameof(options.MaxConnectionsPerAddress), options.MaxConnectionsPerAddress, 1, Million);
        checks.InRange(nameof(options.MaxHeaderBytes), options.MaxHeaderBytes, 1 << 10, 1 << 20);
        checks.InRange(nameof(options.MaxHeaders), options.MaxHeaders, 8, 1000);
        checks.InRange(nameof(options.HeaderSeconds), options.HeaderSeconds, 1, 600);
        checks.InRange(nameof(options.MinBytesPerSecond), options.MinBytesPerSecond, 1, Million);
        return checks.ToResult();
    }
}
