using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests.Support;

/// <summary>The chart, rendered by helm as the release <c>demo</c> in the namespace <c>ns</c>. What was rendered once is kept.</summary>
internal static class Chart
{
    /// <summary>Presets by name; <c>values</c> are the chart's own values, the others lie over them.</summary>
    public static readonly string[] Presets = ["values", "values-laptop", "values-gpu", "values-ha"];

    /// <summary>Values that turn on everything that presets leave off.</summary>
    public const string Everything = """
        commonLabels: {team: serving}
        commonAnnotations: {owner: platform}
        imagePullSecrets: [{name: pull}]
        image: {registry: registry.example.com/winnow, tag: "9"}
        models:
          - {name: big, modelPath: gateway://big.gguf, draftPath: /models/small.gguf, headPath: /models/head.gguf, exitPath: /models/exit.gguf, stopHeadPath: /models/stop.gguf,
             shards: 2, replicas: 3, contextTokens: 8192, kvBlockTokens: 32, kvBlocks: 4096, maxSequences: 16, drafter: suffix}
          - {name: other, modelPath: "https://host.example/other.gguf"}
        modelVolume: {enabled: true, storageClassName: shared}
        modelServers: {bearerToken: {existingSecret: hub}}
        apiKeys: {existingSecret: keys}
        tls: {mode: secrets, secrets: {gateway: gateway-tls, silo: silo-tls, worker: worker-tls}}
        config:
          Coordinator: {MaxSequences: 48, Drafter: suffix}
          Limits: {MaxConnections: 5000}
          Silo: {DeadAfterMs: 9000}
          Worker: {Threads: 3}
        gateway:
          autoscaling: {kind: hpa, metrics: [{type: Pods, pods: {metric: {name: waiting}, target: {type: AverageValue, averageValue: "8"}}}]}
          modelStore: {enabled: true}
          service: {type: NodePort, nodePort: 30080, annotations: {a: b}}
          podLabels: {zone: edge}
          podAnnotations: {note: one}
          priorityClassName: high
          extraEnv: [{name: EXTRA, value: "1"}]
          extraVolumes: [{name: more, emptyDir: {}}]
          extraVolumeMounts: [{name: more, mountPath: /more}]
        workerPools:
          - {name: target, role: target, gpus: 2, replicas: 3, shmSize: 1Gi, runtimeClassName: nvidia, nodeSelector: {gpu: "yes"}, tolerations: [{key: gpu, operator: Exists}],
             affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: gpu, operator: Exists}]}]}}},
             autoscaling: {kind: keda, model: big}, config: {Threads: 6}}
          - {name: draft, role: draft, kvType: q8_0, cache: {persistent: false}}
        keda: {prometheusAddress: "http://prometheus.monitoring.svc:9090"}
        ingress: {enabled: true, className: nginx, hosts: [llm.example.com], tlsSecret: llm-tls, annotations: {nginx.ingress.kubernetes.io/proxy-buffering: "off"}}
        httpRoute: {enabled: true, parentRefs: [{name: edge, namespace: edge}], hostnames: [llm.example.com]}
        networkPolicy:
          clients: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}}]
          extraEgress: [{to: [{ipBlock: {cidr: 10.9.0.0/16}}], ports: [{protocol: TCP, port: 4317}]}]
        monitoring: {serviceMonitor: {enabled: true}, prometheusRules: {enabled: true}, dashboards: {enabled: true}, labels: {release: prometheus}}
        """;

    private static readonly ConcurrentDictionary<(string Preset, string Values), string> Rendered = new();

    /// <summary>The folder of the chart.</summary>
    public static string Folder { get; } = Path.Combine(SharedFolder.RepositoryRoot, "helm", "winnow");

    /// <summary>One of its files.</summary>
    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));

    /// <summary>The manifests of a preset.</summary>
    /// <param name="preset">One of <see cref="Presets"/>.</param>
    public static Manifests Preset(string preset) => new(Text(preset, ""));

    /// <summary>The manifests of the chart's own values with others over them.</summary>
    /// <param name="values">YAML.</param>
    public static Manifests With(string values) => new(Text("values", values));

    /// <summary>The text that helm renders.</summary>
    public static string Text(string preset, string values) => Rendered.GetOrAdd((preset, values), key =>
    {
        (int exitCode, string output, string errors) = Template(key.Preset, key.Values);
        return exitCode == 0 ? output : throw new InvalidOperationException($"helm template of '{key.Preset}' failed: {errors}\nValues:\n{key.Values}");
    });

    /// <summary>What helm says to values that it should refuse.</summary>
    public static string Refusal(string values)
    {
        (int exitCode, _, string errors) = Template("values", values);
        Assert.True(exitCode != 0, $"helm took these values:\n{values}");
        return errors;
    }

    /// <summary>The settings file of a component, by the name of its objects.</summary>
    public static JsonNode Settings(Manifests manifests, string name) => JsonNode.Parse(manifests.One("ConfigMap", name).At("data/winnow.json").GetValue<string>())!;

    private static (int ExitCode, string Output, string Errors) Template(string preset, string values)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("values.yaml", Encoding.UTF8.GetBytes(values));
        return NodePackages.Helm("template", "demo-winnow", Folder, "--namespace", "ns", "-f", Path.Combine(Folder, $"{preset}.yaml"), "-f", file);
    }
}
