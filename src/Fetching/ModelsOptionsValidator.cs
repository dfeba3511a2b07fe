using Microsoft.Extensions.Options;
using Winnow.Hosting;

namespace Winnow.Fetching;

/// <summary>Checks <see cref="ModelsOptions"/> at start and reports every failure at once.</summary>
public sealed class ModelsOptionsValidator : IValidateOptions<ModelsOptions>
{
    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var checks = new OptionChecks(ModelsOptions.Section);
        checks.InRange(nameof(options.CacheBytes), options.CacheBytes, 0, 1L << 60);
        checks.InRange(nameof(options.Connections), options.Connections, 1, 64);
        checks.InRange(nameof(options.MaxRetries), options.MaxRetries, 0, 100);
        checks.InRange(nameof(options.RetryDelay), options.RetryDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        checks.InRange(nameof(options.MaxRetryDelay), options.MaxRetryDelay, TimeSpan.FromMilliseconds(1), TenMinutes);
        checks.InRange(nameof(options.AnswerTimeout), options.AnswerTimeout, TimeSpan.FromMilliseconds(10), TenMinutes);
        checks.InRange(nameof(options.MinBytesPerSecond), options.MinBytesPerSecond, 1 << 10, 1 << 30);
        checks.InRange(nameof(options.HedgeDelay), options.HedgeDelay, TimeSpan.FromMilliseconds(10), TenMinutes);
        checks.InRange(nameof(options.BreakDuration), options.BreakDuration, TimeSpan.FromMilliseconds(500), TenMinutes);
        checks.InRange(nameof(options.MaxRedirects), options.MaxRedirects, 0, 20);
        if (options.MaxRetryDelay < options.RetryDelay)
        {
            checks.Fail($"Models:MaxRetryDelay '{options.MaxRetryDelay}' is less than Models:RetryDelay '{options.RetryDelay}'; give at least as much.");
        }
        foreach (string address in options.StoreAddresses)
        {
            checks.HttpAddress(nameof(options.StoreAddresses), address);
        }
        return checks.ToResult();
    }
}
