using System.Net;
using Microsoft.Extensions.Options;
using Winnow.Gateway.Access;
using Winnow.Hosting;

namespace Winnow.Gateway;

/// <summary>Checks <see cref="GatewayOptions"/> at start and reports every failure at once.</summary>
internal sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var checks = new OptionChecks(GatewayOptions.Section);
        checks.Listen(nameof(options.Listen), options.Listen, options.ApiKeys.Concat(options.AdminKeys).FirstOrDefault() ?? options.KeysFile, options.Insecure, "Gateway:KeysFile or Gateway:ApiKeys");
        if (options.GrpcListen.Length > 0)
        {
            checks.ListenGrpc(nameof(options.GrpcListen), options.GrpcListen, options.Insecure);
        }
        checks.InRange(nameof(options.MaxRequestBytes), options.MaxRequestBytes, 1 << 10, 1 << 30);
        checks.InRange(nameof(options.CatalogPollMs), options.CatalogPollMs, 50, 60_000);
        checks.InRange(nameof(options.DrainSeconds), options.DrainSeconds, 0, 600);
        checks.InRange(nameof(options.SiloCallSeconds), options.SiloCallSeconds, 1, 120);
        checks.InRange(nameof(options.SiloRestSeconds), options.SiloRestSeconds, 1, 60);
        checks.NotEmpty(nameof(options.ClusterId), options.ClusterId);
        checks.NotEmpty(nameof(options.ServiceId), options.ServiceId);
        CheckKeys(checks, nameof(options.ApiKeys), options.ApiKeys);
        CheckKeys(checks, nameof(options.AdminKeys), options.AdminKeys);
        checks.OneOf(nameof(options.Clustering), options.Clustering, GatewayOptions.StaticClustering, DatabaseConnection.PostgreSql);
        if (options.Clustering == DatabaseConnection.PostgreSql)
        {
            DatabaseConnection.Check(checks, GatewayOptions.Section, options.ConnectionString, options.ConnectionStringFile);
        }
        if (options.ModelStore.Length > 0 && !Directory.Exists(options.ModelStore))
        {
            checks.Fail($"Gateway:ModelStore '{options.ModelStore}' is not a directory; give the one with the models, or nothing.");
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

    // No text of these repeats a value: it may be a secret.
    private static void CheckKeys(OptionChecks checks, string option, IList<string> keys)
    {
        for (int i = 0; i < keys.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(keys[i]))
            {
                checks.Fail($"Gateway:{option}:{i} is empty; give it a value.");
            }
            else if (keys[i].StartsWith(ApiKeys.HashPrefix, StringComparison.Ordinal) && !ApiKey.IsHash(keys[i][ApiKeys.HashPrefix.Length..]))
            {
                checks.Fail($"Gateway:{option}:{i} begins with '{ApiKeys.HashPrefix}' but is no SHA-256; 64 hex digits must follow.");
            }
        }
        if (keys.Count > ApiKeyFile.MaxKeys)
        {
            checks.Fail($"Gateway:{option} has '{keys.Count}' keys; at most {ApiKeyFile.MaxKeys} are allowed.");
        }
    }
}
