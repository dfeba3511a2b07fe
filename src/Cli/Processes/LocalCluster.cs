using System.Globalization;
using System.Net;
using System.Text.Json;
using Winnow.Cli.Commands;
using Winnow.Cli.Engine;
using Winnow.Cli.Links;
using Winnow.Fetching;
using Winnow.Gateway.Coordination;
using Winnow.Hosting.Tls;
using Winnow.Inference.Cache;

namespace Winnow.Cli.Processes;

/// <summary>
/// A whole cluster on this machine: silo, target workers, draft worker and gateways, each a process of its own on free loopback ports.
/// </summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    // What runs gets so long to end; a gateway of a machine's own cluster has nobody to hand it to.
    private const int DrainSeconds = 25;
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(DrainSeconds + 10);

    private const int OwnCertificateDays = 3650;

    private readonly RoleProcess _silo;
    private readonly RoleProcess[] _gateways;
    private readonly RoleProcess[] _workers;
    private readonly DirectoryInfo _data;
    private readonly HttpClient _client;
    private const string DraftWorker = "draft worker";

    private readonly LinkSet? _links;

    private LocalCluster(RoleProcess silo, RoleProcess[] workers, RoleProcess[] gateways, DirectoryInfo data, LinkSet? links, LocalClusterOptions options)
    {
        _links = links;
        _silo = silo;
        _workers = workers;
        _gateways = gateways;
        _data = data;
        ModelName = ModelLocation.ModelName(options.Engine.ModelPath);
        _client = new HttpClient { BaseAddress = new Uri(gateways[0].Http), Timeout = Timeout.InfiniteTimeSpan };
        Generator = new HttpGenerator(_client, ModelName);
    }

    /// <summary>Base address of the HTTP API.</summary>
    public string Url => _gateways[0].Http;

    /// <summary>Base addresses of the HTTP APIs of all gateways.</summary>
    public IReadOnlyList<string> Urls => [.. _gateways.Select(gateway => gateway.Http)];

    /// <summary>Name for the <c>model</c> field: the file's name without its extension.</summary>
    public string ModelName { get; }

    /// <summary>Generates through the HTTP API.</summary>
    public IGenerator Generator { get; }

    /// <summary>Longest sequence in tokens; 0 of a cluster that asks for keys.</summary>
    public int ContextTokens { get; private set; }

    /// <summary>Process ids of the target workers.</summary>
    public IReadOnlyList<int> TargetProcessIds { get; private init; } = [];

    /// <summary>Starts everything and waits until the model is served.</summary>
    /// <exception cref="CliException">A process did not come up, or the model cannot be served.</exception>
    public static Task<LocalCluster> StartAsync(LocalClusterOptions options, ClusterProgress progress, CancellationToken cancellation)
        => progress.ShowAsync(report => StartAsync(options, report, cancellation));

    /// <summary>Peak resident memory of the workers in bytes.</summary>
    public long PeakWorkerMemoryBytes() => _workers.Sum(worker => ProcessMemory.PeakBytes(worker.Id));

    /// <summary>Waits until a process ends by itself (answers with a line about it) or the wait is cancelled (answers null).</summary>
    public async Task<string?> WaitAsync(CancellationToken cancellation)
    {
        RoleProcess[] all = [_silo, .. _workers, .. _gateways];
        try
        {
            Task ended = await Task.WhenAny(all.Select(process => process.Exited)).WaitAsync(cancellation);
            await ended;
            return $"the {all.First(process => process.Exited.IsCompleted).Name} ended by itself; the cluster stops.";
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Drains: the gateways first, so that running answers end, then the workers and the silo.</summary>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await DrainAsync();
        await Task.WhenAll(_gateways.Select(gateway => gateway.DisposeAsync().AsTask()));
        await Task.WhenAll(_workers.Select(worker => worker.DisposeAsync().AsTask()));
        await _silo.DisposeAsync();
        await CloseAsync(_links);
        _data.Delete(recursive: true);
    }

    // One after the other: each hands what it coordinates to those that are left.
    private async Task DrainAsync()
    {
        using var limit = new CancellationTokenSource(DrainLimit);
        foreach (RoleProcess gateway in _gateways.Reverse())
        {
            await gateway.DrainAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<LocalCluster> StartAsync(LocalClusterOptions options, Action<string> report, CancellationToken cancellation)
    {
        // A Ctrl-C is waited for only when the command has gone asynchronous; nothing may be started before that.
        await Task.Yield();
        var started = new List<RoleProcess>();
        DirectoryInfo data = Directory.CreateTempSubdirectory("winnow-");
        LinkSet? links = options.Engine.Links is { } link ? new LinkSet(link) : null;
        LinkSet? LinksFor(string worker) => worker == DraftWorker && options.Engine.Links?.HasLocalDraft == true ? null : links;
        try
        {
            options = WithCertificates(options, data);
            report("starting the silo");
            RoleProcess silo = await StartRoleAsync("silo", RoleExecutable.Silo, SiloArguments(options, data), options, started, cancellation);
            report("starting workers and gateways");
            Task<RoleProcess>[] workers = [.. WorkerArguments(options, silo).Select(worker => StartWorkerAsync(worker.Name, worker.Arguments, LinksFor(worker.Name), options, started, cancellation))];
            Task<RoleProcess>[] gateways = [.. Enumerable.Range(0, options.Gateways).Select(index => StartRoleAsync(
                GatewayName(options, index), RoleExecutable.Gateway, GatewayArguments(options, silo, index), options, started, cancellation))];
            await Task.WhenAll([.. workers, .. gateways]);
            var cluster = new LocalCluster(silo, [.. workers.Select(worker => worker.Result)], [.. gateways.Select(gateway => gateway.Result)], data, links, options)
            {
                TargetProcessIds = [.. workers.Take(options.Engine.Shards).Select(worker => worker.Result.Id)],
            };
            await cluster.WaitUntilServingAsync(options.StartLimit, options.KeysFile, report, cancellation);
            return cluster;
        }
        catch
        {
            RoleProcess[] all;
            lock (started)
            {
                all = [.. started];
            }
            await Task.WhenAll(all.Select(process => process.DisposeAsync().AsTask()));
            await CloseAsync(links);
            data.Delete(recursive: true);
            // Ctrl-C reaches the children too; that they ended is then no failure of theirs.
            cancellation.ThrowIfCancellationRequested();
            throw;
        }
    }

    private static async Task<RoleProcess> StartRoleAsync(
        string name, string role, IReadOnlyList<string> arguments, LocalClusterOptions options, List<RoleProcess> started, CancellationToken cancellation)
    {
        RoleProcess process = await RoleProcess.StartAsync(name, role, arguments, options.Log, options.StartLimit, cancellation);
        lock (started)
        {
            started.Add(process);
        }
        return process;
    }

    // Whoever dials a worker dials what it announces: with links, a proxy before it.
    private static async Task<RoleProcess> StartWorkerAsync(
        string name, List<string> arguments, LinkSet? links, LocalClusterOptions options, List<RoleProcess> started, CancellationToken cancellation)
    {
        LinkProxy? link = links?.Open();
        string[] announced = link is null ? [] : ["--Worker:AdvertisedAddress", new UriBuilder(link.Address) { Scheme = Scheme(options) }.Uri.GetLeftPart(UriPartial.Authority)];
        RoleProcess worker = await StartRoleAsync(name, RoleExecutable.Worker, [.. arguments, .. announced], options, started, cancellation);
        link?.ConnectTo(IPEndPoint.Parse(new Uri(worker.Address).Authority));
        return worker;
    }

    private static ValueTask CloseAsync(LinkSet? links) => links?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static string Scheme(LocalClusterOptions options) => options.UsesTls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;

    private static string GrpcListen(LocalClusterOptions options) => $"{Scheme(options)}://127.0.0.1:0";

    // Certificates of the cluster's own go with its other data.
    private static LocalClusterOptions WithCertificates(LocalClusterOptions options, DirectoryInfo data)
    {
        if (!options.UsesTls || options.CertificateDirectory is not null)
        {
            return options;
        }
        string directory = Path.Combine(data.FullName, "certificates");
        DevelopmentCertificates.Write(directory, CertsCommand.LocalHosts, OwnCertificateDays, TimeProvider.System.GetUtcNow(), overwrite: false);
        return options with { CertificateDirectory = directory };
    }

    private static string[] TlsArguments(LocalClusterOptions options, string role)
    {
        if (!options.UsesTls)
        {
            return [];
        }
        TlsOptions files = DevelopmentCertificates.FilesOf(Path.GetFullPath(options.CertificateDirectory!), role);
        return ["--Tls:Certificate", files.Certificate, "--Tls:Key", files.Key, "--Tls:Authority", files.Authority];
    }

    private static List<string> SiloArguments(LocalClusterOptions options, DirectoryInfo data)
    {
        EngineOptions engine = options.Engine;
        var arguments = new List<string>
        {
            "--Silo:Listen", GrpcListen(options),
            "--Silo:HttpListen", "http://127.0.0.1:0",
            "--Silo:OrleansSiloPort", "0",
            "--Silo:OrleansGatewayPort", "0",
            "--Silo:DataDirectory", data.FullName,
            "--Silo:Models:0:Name", ModelLocation.ModelName(engine.ModelPath),
            "--Silo:Models:0:ModelPath", engine.ModelPath,
            "--Silo:Models:0:Shards", engine.Shards.ToString(CultureInfo.InvariantCulture),
            "--Silo:Models:0:MaxSequences", engine.MaxSequences.ToString(CultureInfo.InvariantCulture),
        };
        arguments.AddRange(TlsArguments(options, "silo"));
        if (engine.HeadPath is not null)
        {
            arguments.AddRange(["--Silo:Models:0:HeadPath", engine.HeadPath]);
        }
        if (engine.ExitPath is not null)
        {
            arguments.AddRange(["--Silo:Models:0:ExitPath", engine.ExitPath]);
        }
        if (engine.StopHeadPath is not null)
        {
            arguments.AddRange(["--Silo:Models:0:StopHeadPath", engine.StopHeadPath]);
        }
        if (engine.DraftPath is not null)
        {
            arguments.AddRange(["--Silo:Models:0:DraftPath", engine.DraftPath]);
        }
        return arguments;
    }

    private static IEnumerable<(string Name, List<string> Arguments)> WorkerArguments(LocalClusterOptions options, RoleProcess silo)
    {
        EngineOptions engine = options.Engine;
        int workers = engine.Shards + (engine.DraftPath is null ? 0 : 1);
        int threads = engine.Threads > 0 ? engine.Threads : Math.Max(1, Environment.ProcessorCount / workers);
        for (int worker = 0; worker < workers; worker++)
        {
            bool draft = worker == engine.Shards;
            string name = draft ? DraftWorker : $"target worker {worker}";
            string device = engine.Devices.Count == 0 ? "auto" : engine.Devices[worker % engine.Devices.Count].ToString();
            yield return (name, [
                "--Worker:Device", device,
                "--Worker:WorkerId", draft ? "draft-0" : $"target-{worker}",
                "--Worker:Role", draft ? "draft" : "target",
                "--Worker:Threads", threads.ToString(CultureInfo.InvariantCulture),
                "--Worker:KvType", KvTypes.NameOf(engine.KvType),
                "--Worker:SiloAddresses:0", silo.Address,
                "--Worker:Listen", GrpcListen(options),
                .. TlsArguments(options, "worker"),
            ]);
        }
    }

    private static string GatewayName(LocalClusterOptions options, int index) => options.Gateways == 1 ? "gateway" : $"gateway {index}";

    private static List<string> GatewayArguments(LocalClusterOptions options, RoleProcess silo, int index) =>
    [
        "--Gateway:Listen", $"http://127.0.0.1:{(options.Port == 0 ? 0 : options.Port + index)}",
        .. options.Gateways > 1 ? ["--Gateway:GrpcListen", $"{Scheme(options)}://127.0.0.1:0"] : Array.Empty<string>(),
        "--Gateway:SiloGateways:0", $"127.0.0.1:{silo.Ready.GetProperty("orleans_gateway_port").GetInt32()}",
        "--Gateway:CatalogPollMs", "100",
        "--Gateway:DrainSeconds", DrainSeconds.ToString(CultureInfo.InvariantCulture),
        "--Coordinator:MaxSequences", options.Engine.MaxSequences.ToString(CultureInfo.InvariantCulture),
        .. TlsArguments(options, "gateway"),
        .. options.KeysFile is { } keys ? ["--Gateway:KeysFile", Path.GetFullPath(keys)] : Array.Empty<string>(),
        .. options.Engine.StopThreshold is { } threshold ? ["--Coordinator:StopThreshold", threshold.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
    ];

    private async Task WaitUntilServingAsync(TimeSpan limit, string? keysFile, Action<string> report, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(limit);
        string reason = "it has not answered yet";
        try
        {
            foreach (string gateway in Urls)
            {
                while (await NotReadyReasonAsync(gateway, timeout.Token) is { } why)
                {
                    if (why != reason)
                    {
                        // What gets further has as long again: a large model may be on its way.
                        timeout.CancelAfter(limit);
                    }
                    report(reason = why);
                    await Task.Delay(PollInterval, TimeProvider.System, timeout.Token);
                }
            }
            if (keysFile is not null)
            {
                // What is served is told to holders of keys only.
                return;
            }
            using JsonDocument models = JsonDocument.Parse(await _client.GetStringAsync("/v1/models", timeout.Token));
            ContextTokens = models.RootElement.GetProperty("data")[0].GetProperty("max_model_len").GetInt32();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CliException($"The model was not served within {limit.TotalSeconds:0} s: {reason}.");
        }
    }

    private async Task<string?> NotReadyReasonAsync(string gateway, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await _client.GetAsync($"{gateway}/health/ready", cancellation);
        if (response.IsSuccessStatusCode)
        {
            return null;
        }
        using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellation));
        return string.Join("; ", body.RootElement.GetProperty("reasons").EnumerateObject().Select(reason => reason.Value.GetString()));
    }
}
