using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests;

/// <summary>values.schema.json and templates/_validate.tpl: wrong values are refused before anything is installed, in words.</summary>
public sealed class SchemaTests
{
    [HelmTheory]
    [InlineData("worker: {gpus: 3}", "worker.gpus must be one of the following: 0, 1, 2, 4")]
    [InlineData("tls: {mode: full}", "tls.mode must be one of the following: \"none\", \"secrets\", \"certManager\"")]
    [InlineData("workerPools: [{name: a, role: drafter}]", "workerPools.0.role must be one of the following: \"target\", \"draft\", \"both\"")]
    [InlineData("workerPools: [{replicas: 2}]", "workerPools.0: name is required")]
    [InlineData("workerPools: [{name: A_B}]", "workerPools.0.name: Does not match pattern")]
    [InlineData("workerPools: []", "workerPools: Array must have at least 1 items")]
    [InlineData("replicas: 2", "Additional property replicas is not allowed")]
    [InlineData("gateway: {replica: 2}", "gateway: Additional property replica is not allowed")]
    [InlineData("gateway: {replicas: two}", "gateway.replicas: Invalid type. Expected: integer, given: string")]
    [InlineData("gateway: {drainSeconds: 900}", "gateway.drainSeconds: Must be less than or equal to 600")]
    [InlineData("models: [{name: a}]", "models.0: modelPath is required")]
    [InlineData("models: [{name: a, modelPath: b, kvBlockTokens: 8}]", "models.0.kvBlockTokens must be one of the following: 16, 32")]
    [InlineData("config: {Coordinator: {MaxSequence: 3}}", "config.Coordinator: Additional property MaxSequence is not allowed")]
    [InlineData("config: {Worker: {Threads: many}}", "config.Worker.Threads: Invalid type. Expected: integer, given: string")]
    [InlineData("config: {Silo: {Listen: a}}", "config.Silo: Additional property Listen is not allowed")]
    [InlineData("workerPools: [{name: a, config: {Thread: 1}}]", "workerPools.0.config: Additional property Thread is not allowed")]
    [InlineData("worker: {cache: {size: big}}", "worker.cache.size: Does not match pattern")]
    [InlineData("worker: {device: gpu}", "worker.device: Does not match pattern")]
    public void Schema_OfAWrongValue_RefusesItByName(string values, string message)
    {
        Assert.Contains(message, Chart.Refusal(values), StringComparison.Ordinal);
    }

    [HelmTheory]
    [InlineData("silo: {replicas: 3}", "silo.replicas '3' need a database that silos share; set postgresql.existingSecret, or silo.replicas to 1.")]
    [InlineData("tls: {mode: secrets, secrets: {gateway: a, silo: b}}", "tls.mode 'secrets' needs a Secret for every role; set tls.secrets.gateway, tls.secrets.silo and tls.secrets.worker.")]
    [InlineData("workerPools: [{name: a}, {name: a}]", "workerPools has two pools named 'a'; names are unique.")]
    [InlineData("workerPools: [{name: a, role: draft}]", "workerPools has no pool for targets, so that no model can be placed; set the role of one to 'target' or 'both'.")]
    [InlineData("models: [{name: a, modelPath: b}, {name: a, modelPath: c}]", "models has two models named 'a'; names are unique.")]
    [InlineData("{models: [{name: a, modelPath: b, draftPath: c}], workerPools: [{name: t, role: target}]}", "models: 'a' has a draft model, but no pool takes one; set the role of one to 'draft' or 'both'.")]
    [InlineData("models: [{name: a, modelPath: gateway://b.gguf}]", "models has a path 'gateway://…', but no gateway has a model store; set gateway.modelStore.enabled.")]
    [InlineData("gateway: {modelStore: {enabled: true}}", "gateway.modelStore has nothing to serve; set modelVolume.enabled, or gateway.modelStore.path to a directory that the gateways have.")]
    [InlineData("worker: {autoscaling: {kind: keda}}", "autoscaling.kind 'keda' of 'worker-default' asks Prometheus; set keda.prometheusAddress.")]
    [InlineData("worker: {autoscaling: {kind: hpa}}", "autoscaling.kind 'hpa' of 'worker-default' has nothing to scale by; set its cpuPercent or metrics.")]
    [InlineData("gateway: {autoscaling: {kind: hpa, maxReplicas: 1}}", "autoscaling.maxReplicas '1' of 'gateway' is less than its minReplicas '2'; give at least as many.")]
    [InlineData("httpRoute: {enabled: true}", "httpRoute.enabled needs the Gateway it belongs to; set httpRoute.parentRefs.")]
    [InlineData("ingress: {enabled: true}", "ingress.enabled needs names to be reached under; set ingress.hosts.")]
    [InlineData("monitoring: {podMonitor: {enabled: true}, serviceMonitor: {enabled: true}}", "monitoring has both podMonitor and serviceMonitor enabled, which would scrape every pod twice; enable one.")]
    public void Values_ThatDoNotFitEachOther_AreRefused(string values, string message)
    {
        Assert.Contains(message, Chart.Refusal(values), StringComparison.Ordinal);
    }

    [HelmFact]
    public void Mistakes_OfOneInstall_AreToldTogether()
    {
        string refusal = Chart.Refusal("{silo: {replicas: 3}, ingress: {enabled: true}}");

        Assert.Contains("silo.replicas '3'", refusal, StringComparison.Ordinal);
        Assert.Contains("ingress.enabled", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_OfEveryKey_DescribesIt()
    {
        JsonNode schema = JsonNode.Parse(Chart.Read("values.schema.json"))!;

        Assert.Equal("http://json-schema.org/draft-07/schema#", schema.Text("$schema"));
        string[] undescribed = [.. Undescribed(schema, "")];
        Assert.True(undescribed.Length == 0, $"values.schema.json has no description of: {string.Join(", ", undescribed)}");
    }

    [HelmFact]
    public void Readme_AndSchema_SayWhatTheCommentsOfValuesSay()
    {
        (int exitCode, _, string errors) = NodePackages.Script("../../../eng/chart-docs.mjs", "--check");

        Assert.True(exitCode == 0, errors);
    }

    [HelmFact]
    public void MetricsPage_SaysWhatTheConstantsSay()
    {
        (int exitCode, _, string errors) = NodePackages.Script("../../../eng/metrics-docs.mjs", "--check");

        Assert.True(exitCode == 0, errors);
    }

    [HelmFact]
    public void Values_OfEveryKey_HaveACommentOrKeysThatHaveOne()
    {
        // Keys of the schema that README.md's table lacks have no comment in values.yaml.
        string readme = Chart.Read("README.md");
        string[] lacking = [.. Leaves(JsonNode.Parse(Chart.Read("values.schema.json"))!, "").Where(path => !readme.Contains($"| `{path}` |", StringComparison.Ordinal))];

        Assert.Equal(["global"], lacking);
    }

    private static IEnumerable<string> Undescribed(JsonNode schema, string path)
    {
        foreach ((string name, JsonNode? property) in schema.Find("properties")?.AsObject() ?? [])
        {
            string key = path.Length == 0 ? name : $"{path}.{name}";
            if (property!.Find("$ref") is null && string.IsNullOrWhiteSpace(property!.Find("description")?.GetValue<string>()))
            {
                yield return key;
            }
            foreach (string below in Undescribed(property!, key).Concat(property!.Find("items") is { } items ? Undescribed(items, $"{key}[]") : []))
            {
                yield return below;
            }
        }
    }

    // Keys of values.yaml: options of `config` and parts of probes are values, not keys.
    private static IEnumerable<string> Leaves(JsonNode schema, string path)
        => schema.Find("properties") is JsonObject properties && !path.StartsWith("config.", StringComparison.Ordinal) && !path.StartsWith("probes.", StringComparison.Ordinal) && path != "worker.config"
            ? properties.SelectMany(property => Leaves(property.Value!, path.Length == 0 ? property.Key : $"{path}.{property.Key}"))
            : [path];
}
