using System.Net;
using Microsoft.Extensions.Options;
using Winnow.Hosting;

namespace Winnow.Gateway;

/// <summary>Checks <see cref="GatewayOptions"/> at start and reports every failure at once.</summary>
internal sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var checks = new OptionChecks(GatewayOptions.Section);
        checks.Listen(nameof(options.Listen), options.Listen, options.ApiKeys.FirstOrDefault(), options.Insecure, "Gateway:ApiKeys");
        checks.InRange(nameof(options.MaxRequestBytes), options.MaxRequestBytes, 1 << 10, 1 << 30);
        checks.InRange(nameof(options.CatalogPollMs), options.CatalogPollMs, 50, 60_000);
        checks.InRange(nameof(options.DrainSeconds), options.DrainSeconds, 0, 600);
        checks.NotEmpty(nameof(options.ClusterId), options.ClusterId);
        checks.NotEmpty(nameof(options.ServiceId), options.ServiceId);
        foreach (string key in options.ApiKeys)
        {
            checks.NotEmpty(nameof(options.ApiKeys), key);
        }
        foreach (string gateway in options.SiloGateways)
        {
            if (!IPEndPoint.TryParse(gateway, out IPEndPoint? endpoint) || endpoint.Port == 0)
            {
                checks.Fail($"Gateway:SiloGateways '{gateway}' is not an endpoint; write ADDRESS:PORT, for example 127.0.0.1:30000.");
            }
        }
        return checks.ToResult();
    }
}
