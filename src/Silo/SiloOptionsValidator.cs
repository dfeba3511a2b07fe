using System.Net;
using Microsoft.Extensions.Options;
using Winnow.Fetching;
using Winnow.Hosting;
using Winnow.Inference.Files;

namespace Winnow.Silo;

/// <summary>Checks <see cref="SiloOptions"/> at start and reports every failure at once.</summary>
public sealed class SiloOptionsValidator : IValidateOptions<SiloOptions>
{
    private const string TokenOption = "Silo:ClusterToken";
    private const int MaxPort = 65535;
    private const int MaxMilliseconds = 600000;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, SiloOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionChecks checks = new(SiloOptions.Section);
        checks.ListenGrpc(nameof(options.Listen), options.Listen, options.Insecure);
        checks.Listen(nameof(options.HttpListen), options.HttpListen, options.ClusterToken, options.Insecure, TokenOption);
        checks.InRange(nameof(options.OrleansSiloPort), options.OrleansSiloPort, 0, MaxPort);
        checks.InRange(nameof(options.OrleansGatewayPort), options.OrleansGatewayPort, 0, MaxPort);
        if (options.OrleansSiloPort == options.OrleansGatewayPort && options.OrleansSiloPort != 0)
        {
            checks.Fail($"Silo:OrleansGatewayPort '{options.OrleansGatewayPort}' equals Silo:OrleansSiloPort; give two ports.");
        }
        CheckCluster(checks, options);
        checks.InRange(nameof(options.SessionTimeToLive), options.SessionTimeToLive, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        checks.InRange(nameof(options.BeatIntervalMs), options.BeatIntervalMs, 50, 60000);
        checks.InRange(nameof(options.SuspectAfterMs), options.SuspectAfterMs, 100, MaxMilliseconds);
        checks.InRange(nameof(options.DeadAfterMs), options.DeadAfterMs, 100, MaxMilliseconds);
        if (options.BeatIntervalMs >= options.SuspectAfterMs || options.SuspectAfterMs >= options.DeadAfterMs)
        {
            checks.Fail($"Silo:DeadAfterMs '{options.DeadAfterMs}' must be more than Silo:SuspectAfterMs '{options.SuspectAfterMs}', "
                + $"and that more than Silo:BeatIntervalMs '{options.BeatIntervalMs}'.");
        }
        checks.InRange(nameof(options.ForgetWorkerAfter), options.ForgetWorkerAfter, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        if (options.ForgetWorkerAfter.TotalMilliseconds <= options.DeadAfterMs)
        {
            checks.Fail($"Silo:ForgetWorkerAfter '{options.ForgetWorkerAfter}' must be more than Silo:DeadAfterMs '{options.DeadAfterMs}'.");
        }
        checks.InRange(nameof(options.LeaseMs), options.LeaseMs, 500, MaxMilliseconds);
        checks.InRange(nameof(options.PlacementGraceMs), options.PlacementGraceMs, 0, MaxMilliseconds);
        checks.InRange(nameof(options.PlacementRetryMs), options.PlacementRetryMs, 500, MaxMilliseconds);
        checks.InRange(nameof(options.RebalanceGainPercent), options.RebalanceGainPercent, 0, 1000);
        checks.InRange(nameof(options.UnloadMs), options.UnloadMs, 0, MaxMilliseconds);
        CheckModels(checks, options.Models);
        return checks.ToResult();
    }

    private static void CheckCluster(OptionChecks checks, SiloOptions options)
    {
        checks.OneOf(nameof(options.Clustering), options.Clustering, SiloCluster.Single, DatabaseConnection.PostgreSql);
        checks.OneOf(nameof(options.Storage), options.Storage, SiloCluster.Files, DatabaseConnection.PostgreSql);
        bool isShared = options.Clustering == DatabaseConnection.PostgreSql;
        if (isShared && options.Storage == SiloCluster.Files)
        {
            checks.Fail($"Silo:Storage '{options.Storage}' belongs to one silo, but Silo:Clustering is '{options.Clustering}'; set Silo:Storage to '{DatabaseConnection.PostgreSql}' too.");
        }
        if (isShared || options.Storage == DatabaseConnection.PostgreSql)
        {
            DatabaseConnection.Check(checks, SiloOptions.Section, options.ConnectionString, options.ConnectionStringFile);
        }
        checks.NotEmpty(nameof(options.DataDirectory), options.DataDirectory);
        if (!IPAddress.TryParse(options.OrleansAddress, out IPAddress? address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            checks.Fail($"Silo:OrleansAddress '{options.OrleansAddress}' is not the IP address of this machine; give the one that other silos and gateways dial.");
        }
        else if (!IPAddress.IsLoopback(address) && !options.Insecure)
        {
            checks.Fail($"Silo:OrleansAddress '{options.OrleansAddress}' is reached by other machines, and Orleans' ports have no protection of their own; "
                + "keep them in a network of the cluster's own and set Silo:Insecure, or give a loopback address.");
        }
    }

    private static void CheckModels(OptionChecks checks, IList<ModelOptions> models)
    {
        for (int i = 0; i < models.Count; i++)
        {
            ModelOptions model = models[i];
            string at = $"Models:{i}:";
            checks.NotEmpty(at + nameof(model.Name), model.Name);
            CheckFile(checks, at + nameof(model.ModelPath), model.ModelPath);
            if (!string.IsNullOrEmpty(model.DraftPath))
            {
                CheckFile(checks, at + nameof(model.DraftPath), model.DraftPath);
            }
            if (!string.IsNullOrEmpty(model.HeadPath))
            {
                CheckFile(checks, at + nameof(model.HeadPath), model.HeadPath);
            }
            if (!string.IsNullOrEmpty(model.ExitPath))
            {
                CheckFile(checks, at + nameof(model.ExitPath), model.ExitPath);
            }
            if (!string.IsNullOrEmpty(model.StopHeadPath))
            {
                CheckFile(checks, at + nameof(model.StopHeadPath), model.StopHeadPath);
                if (string.IsNullOrEmpty(model.DraftPath))
                {
                    checks.Fail($"Silo:{at}{nameof(model.StopHeadPath)} '{model.StopHeadPath}' stops a draft model, but {nameof(model.DraftPath)} is empty; give a draft model too, or no stop head.");
                }
            }
            checks.InRange(at + nameof(model.Shards), model.Shards, 1, 1024);
            checks.InRange(at + nameof(model.Replicas), model.Replicas, 1, 64);
            checks.InRange(at + nameof(model.ContextTokens), model.ContextTokens, 0, 1 << 24);
            checks.InRange(at + nameof(model.KvBlocks), model.KvBlocks, 0, 1 << 24);
            checks.InRange(at + nameof(model.MaxSequences), model.MaxSequences, 1, 1024);
            if (model.KvBlockTokens is not (16 or 32))
            {
                checks.Fail($"Silo:{at}{nameof(model.KvBlockTokens)} '{model.KvBlockTokens}' is not allowed; allowed are 16 and 32.");
            }
        }
        foreach (IGrouping<string, ModelOptions> twice in models.GroupBy(m => m.Name, StringComparer.Ordinal).Where(g => g.Key.Length > 0 && g.Count() > 1))
        {
            checks.Fail($"Silo:Models has '{twice.Count()}' models named '{twice.Key}'; names are unique.");
        }
    }

    private static void CheckFile(OptionChecks checks, string option, string path)
    {
        if (ModelLocation.IsRemote(path))
        {
            // Which gateways have a store is another section's, and looked at when the model is opened.
            if (ModelLocation.ProblemOf(path) is { } problem)
            {
                checks.Fail($"Silo:{option} cannot be used: {problem}.");
            }
        }
        else if (!ModelFile.Exists(path))
        {
            checks.Fail($"Silo:{option} '{path}' does not exist; give the path or URL of a GGUF file or a Hugging Face folder.");
        }
    }
}
