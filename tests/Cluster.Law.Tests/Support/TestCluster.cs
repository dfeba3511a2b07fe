using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Winnow.Cli.Links;
using Winnow.Cli.Processes;
using Winnow.Contracts.V1;
using Winnow.Hosting;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests.Support;

/// <summary>A cluster of processes on this machine: silo, target workers, a draft worker (real, or the test's own), and a gateway that can be exchanged.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private const int KeptLines = 60;

    // Port 9 discards, where anybody listens there at all.
    private static readonly Uri Nowhere = new("http://127.0.0.1:9");
    private const string TargetRole = "target";

    private readonly TestClusterOptions _options;
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("winnow-law-");
    private readonly ConcurrentQueue<string> _log = new();
    private readonly ClusterChannels _channels = new(new ClusterToken(null));
    private readonly List<RoleProcess> _started = [];
    private readonly List<RoleProcess> _targets = [];
    private readonly List<RoleProcess> _others = [];
    private RoleProcess? _silo;
    private RoleProcess? _draft;
    private RoleProcess? _gateway;
    private readonly LinkSet? _links;
    private ClusterClient? _client;

    private TestCluster(TestClusterOptions options)
    {
        _options = options;
        _links = options.Links is { } links ? new LinkSet(links) : null;
    }

    /// <summary>The gateway's API.</summary>
    public ClusterClient Client => _client ?? throw new InvalidOperationException("The cluster has no gateway.");

    /// <summary>Where the gateways are that run now.</summary>
    public IReadOnlyList<Uri> Gateways
    {
        get
        {
            lock (_started)
            {
                return [.. _others.Prepend(_gateway).OfType<RoleProcess>().Where(gateway => !gateway.Exited.IsCompleted).Select(gateway => new Uri(gateway.Http)).DefaultIfEmpty(Nowhere)];
            }
        }
    }

    /// <summary>The hostile draft worker, when there is one.</summary>
    public HostileDraftWorker? Hostile { get; private set; }

    /// <summary>Name of the model that is cut into so many shards.</summary>
    public static string ModelOf(int shards) => $"law-{shards}";

    /// <summary>Starts everything and waits until every model is served.</summary>
    public static async Task<TestCluster> StartAsync(TestClusterOptions options)
    {
        var cluster = new TestCluster(options);
        try
        {
            await cluster.StartWorkersAsync();
            await cluster.StartGatewayAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the gateway and starts another one; silo and workers stay.</summary>
    /// <param name="flags">Flags of the new one, besides those of the cluster.</param>
    public async Task ExchangeGatewayAsync(params string[] flags)
    {
        await StopGatewayAsync();
        await StartGatewayAsync(flags);
    }

    /// <summary>Starts another gateway beside the first.</summary>
    public async Task AddGatewayAsync()
    {
        RoleProcess gateway = await StartGatewayProcessAsync();
        lock (_started)
        {
            _others.Add(gateway);
        }
        using var client = new ClusterClient(new Uri(gateway.Http));
        await Patience.UntilAsync("another gateway that serves every model", () => NotReadyAsync(client), reason => reason is null);
    }

    /// <summary>Ends a gateway's process without a word.</summary>
    /// <param name="index">0 for the first, then the others in the order in which they came.</param>
    public Task KillGatewayAsync(int index) => KillAsync(index == 0 ? _gateway! : _others[index - 1]);

    /// <summary>Starts a gateway, and tells the oldest to leave: answers when it has ended.</summary>
    public async Task ReplaceGatewayAsync()
    {
        await AddGatewayAsync();
        RoleProcess leaving;
        lock (_started)
        {
            leaving = _gateway!;
            _gateway = _others[0];
            _others.RemoveAt(0);
        }
        await LeaveAsync(leaving);
    }

    /// <summary>Starts a target worker, and tells the oldest to leave: answers when it has ended.</summary>
    public async Task ReplaceTargetAsync()
    {
        RoleProcess leaving = _targets[0];
        _targets.RemoveAt(0);
        _targets.Add(await StartWorkerAsync(TargetRole, _started.Count));
        await LeaveAsync(leaving);
    }

    /// <summary>Starts a draft worker, and tells the old one to leave: answers when it has ended.</summary>
    public async Task ReplaceDraftAsync()
    {
        RoleProcess leaving = _draft!;
        _draft = await StartWorkerAsync("draft", _started.Count);
        await LeaveAsync(leaving);
    }

    /// <summary>Tells the silo to leave and starts one in its place, with what it has written: answers when the workers have registered with it.</summary>
    public async Task ReplaceSiloAsync()
    {
        RoleProcess leaving = _silo!;
        string[] addresses =
        [
            "--Silo:Listen", leaving.Address,
            "--Silo:OrleansGatewayPort", leaving.Ready.GetProperty("orleans_gateway_port").GetInt32().ToString(CultureInfo.InvariantCulture),
        ];
        await LeaveAsync(leaving);
        _silo = await StartRoleAsync("silo", RoleExecutable.Silo, [.. SiloFlags(), .. addresses]);
        int workers = _targets.Count + 1;
        using var client = new ClusterClient(Gateways[0]);
        await Patience.UntilAsync("the workers at the new silo", () => AliveWorkersAsync(client), alive => alive == workers);
    }

    private static async Task<int> AliveWorkersAsync(ClusterClient client)
    {
        using HttpResponseMessage response = await client.Http.GetAsync("/admin/workers");
        return !response.IsSuccessStatusCode ? 0
            : JsonNode.Parse(await response.Content.ReadAsStringAsync())!["data"]!.AsArray().Count(worker => worker!["health"]!.GetValue<string>() == "alive");
    }

    /// <summary>Ends every process without a word and starts all of them again, with what the silo has written.</summary>
    public async Task KillAllAndStartAgainAsync()
    {
        await Task.WhenAll(_started.Where(role => !role.Exited.IsCompleted).Select(KillAsync));
        await StopGatewayAsync();
        _targets.Clear();
        await StartWorkersAsync();
        await StartGatewayAsync();
    }

    /// <summary>Process ids of the target workers that hold a model's shards now, in shard order, as the workers themselves tell.</summary>
    public async Task<IReadOnlyList<int>> ShardProcessIdsAsync(int shards) => [.. (await ShardHoldersAsync(shards)).Select(holder => holder.ProcessId)];

    /// <summary>Backends of the target workers that hold a model's shards now, in shard order.</summary>
    public async Task<IReadOnlyList<string>> ShardBackendsAsync(int shards) => [.. (await ShardHoldersAsync(shards)).Select(holder => holder.Backend)];

    /// <summary>What target workers hold: a process and the bytes of its weights for each.</summary>
    public async Task<IReadOnlyList<(string Process, long WeightBytes)>> WeightsAsync()
    {
        var weights = new List<(string, long)>();
        foreach (RoleProcess target in _targets)
        {
            WorkerInfo info = await new Worker.WorkerClient(_channels.Get(target.Address)).GetInfoAsync(new GetInfoRequest());
            weights.Add((target.Name, info.Shards.Sum(shard => (long)shard.WeightBytes)));
        }
        return weights;
    }

    /// <summary>The values of a metric without labels in every process.</summary>
    public async Task<IReadOnlyDictionary<string, double>> MetricsAsync(string name)
    {
        using var http = new HttpClient { Timeout = Patience.Limit };
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (RoleProcess process in _started)
        {
            string metrics = await http.GetStringAsync(new Uri($"{process.Http}/metrics"));
            string? line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith($"{name} ", StringComparison.Ordinal));
            values[process.Name] = line is null ? 0 : double.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
        }
        return values;
    }

    private async Task<IReadOnlyList<WorkerInfo>> ShardHoldersAsync(int shards)
    {
        var holders = new List<(int Shard, WorkerInfo Worker)>();
        foreach (RoleProcess target in _targets.Where(target => !target.Exited.IsCompleted))
        {
            WorkerInfo info = await new Worker.WorkerClient(_channels.Get(target.Address)).GetInfoAsync(new GetInfoRequest());
            Assert.Equal(target.Id, info.ProcessId);
            holders.AddRange(info.Shards.Where(shard => shard.Replica.Split('@')[0] == $"{ModelOf(shards)}/0").Select(shard => (shard.ShardIndex, info)));
        }
        return [.. holders.OrderBy(holder => holder.Shard).Select(holder => holder.Worker)];
    }

    /// <summary>Ends the silo's process without a word.</summary>
    public Task KillSiloAsync() => KillAsync(_silo!);

    /// <summary>Ends the draft worker's process without a word.</summary>
    public Task KillDraftAsync() => KillAsync(_draft!);

    /// <summary>Waits until a target worker's process has ended of its own, and answers with its exit code and what it wrote last.</summary>
    public async Task<(int? ExitCode, IReadOnlyList<string> Lines)> EndOfTargetAsync(int processId)
    {
        RoleProcess target = _targets.Single(target => target.Id == processId);
        await target.Exited.WaitAsync(Patience.Limit);
        string start = $"[{target.Name}] ";
        return (target.ExitCode, [.. _log.Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line[start.Length..])]);
    }

    /// <summary>Starts one more target worker.</summary>
    public async Task AddTargetAsync() => _targets.Add(await StartWorkerAsync(TargetRole, _targets.Count));

    /// <summary>Ends a target worker's process without a word.</summary>
    public Task KillTargetAsync(int processId) => KillAsync(_targets.Single(target => target.Id == processId));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopGatewayAsync();
        if (Hostile is not null)
        {
            await Hostile.DisposeAsync();
        }
        // Also those of a start that failed halfway; the silo last, so that workers can take their leave.
        await Task.WhenAll(_started.Where(role => role != _silo).Select(role => role.DisposeAsync().AsTask()));
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }
        if (_links is not null)
        {
            await _links.DisposeAsync();
        }
        _channels.Dispose();
        _data.Delete(recursive: true);
    }

    private static async Task KillAsync(RoleProcess role)
    {
        using Process process = Process.GetProcessById(role.Id);
        process.Kill();
        await role.Exited.WaitAsync(Patience.Limit);
    }

    // As whoever runs the cluster does it: SIGTERM, and the process drains.
    private static async Task LeaveAsync(RoleProcess role)
    {
        using Process signal = Process.Start("kill", ["-TERM", role.Id.ToString(CultureInfo.InvariantCulture)]);
        await role.Exited.WaitAsync(Patience.Limit);
    }

    private static int VocabularySize()
    {
        using ModelFile file = ModelFile.Open(LawModel.TargetPath);
        return ModelConfigurationReader.Read(file).VocabularySize;
    }

    private async Task StartWorkersAsync()
    {
        _silo = await StartRoleAsync("silo", RoleExecutable.Silo, SiloFlags());
        Task<RoleProcess>[] targets = [.. Enumerable.Range(0, _options.Targets).Select(index => StartWorkerAsync(TargetRole, index))];
        Task<RoleProcess>? draft = _options.IsHostile ? null : StartWorkerAsync("draft", 0);
        _targets.AddRange(await Task.WhenAll(targets));
        _draft = draft is null ? null : await draft;
        Hostile = _options.IsHostile ? await HostileDraftWorker.StartAsync(_silo.Address, VocabularySize()) : null;
    }

    private async Task<RoleProcess> StartWorkerAsync(string role, int index)
    {
        LinkProxy? link = _links?.Open();
        string device = role == TargetRole && _options.Devices.Count > 0 ? _options.Devices[index % _options.Devices.Count] : "cpu";
        string[] announced = link is null ? [] : ["--Worker:AdvertisedAddress", link.Address];
        RoleProcess worker = await StartRoleAsync($"{role} {index}", RoleExecutable.Worker, [
            "--Worker:WorkerId", $"{role}-{index}",
            "--Worker:Role", role,
            "--Worker:Device", device,
            "--Worker:Threads", "1",
            "--Worker:MemoryBytes", "1000000000",
            "--Worker:SiloAddresses:0", _silo!.Address,
            .. announced,
        ]);
        link?.ConnectTo(IPEndPoint.Parse(new Uri(worker.Address).Authority));
        return worker;
    }

    private List<string> SiloFlags()
    {
        List<string> flags =
        [
            "--Silo:Listen", "http://127.0.0.1:0",
            "--Silo:HttpListen", "http://127.0.0.1:0",
            "--Silo:OrleansSiloPort", "0",
            "--Silo:OrleansGatewayPort", "0",
            "--Silo:DataDirectory", _data.FullName,
            "--Silo:PlacementGraceMs", "600000",
            .. _options.Silo,
        ];
        for (int model = 0; model < _options.Shards.Count; model++)
        {
            flags.AddRange([
                $"--Silo:Models:{model}:Name", ModelOf(_options.Shards[model]),
                $"--Silo:Models:{model}:ModelPath", _options.ModelPath,
                $"--Silo:Models:{model}:Shards", _options.Shards[model].ToString(CultureInfo.InvariantCulture),
                .. _options.DraftPath is { } draft ? [$"--Silo:Models:{model}:DraftPath", draft] : (string[])[],
            ]);
        }
        return flags;
    }

    private async Task StartGatewayAsync(params string[] flags)
    {
        _gateway = await StartGatewayProcessAsync(flags);
        _client = new ClusterClient(new Uri(_gateway.Http));
        await Patience.UntilAsync("a gateway that serves every model", () => NotReadyAsync(Client), reason => reason is null);
    }

    private Task<RoleProcess> StartGatewayProcessAsync(params string[] flags) => StartRoleAsync("gateway", RoleExecutable.Gateway, [
        "--Gateway:Listen", "http://127.0.0.1:0",
        "--Gateway:SiloGateways:0", $"127.0.0.1:{_silo!.Ready.GetProperty("orleans_gateway_port").GetInt32()}",
        "--Gateway:CatalogPollMs", "50",
        .. _options.Gateway,
        .. flags,
    ]);

    private async Task<string?> NotReadyAsync(ClusterClient client)
    {
        using HttpResponseMessage response = await client.Http.GetAsync("/health/ready");
        // A gateway is ready with the first of its models.
        bool isServing = response.IsSuccessStatusCode && (await client.ModelsAsync()).Count == _options.Shards.Count;
        return isServing ? null : $"{await response.Content.ReadAsStringAsync()}\n{string.Join('\n', _log)}";
    }

    private async Task StopGatewayAsync()
    {
        _client?.Dispose();
        _client = null;
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }
        _gateway = null;
    }

    private async Task<RoleProcess> StartRoleAsync(string name, string role, IReadOnlyList<string> flags)
    {
        RoleProcess process = await RoleProcess.StartAsync(name, role, [.. flags, .. _options.Each(name)], Keep, Patience.Limit, CancellationToken.None);
        lock (_started)
        {
            _started.Add(process);
        }
        return process;
    }

    private void Keep(string line)
    {
        _log.Enqueue(line);
        while (_log.Count > KeptLines)
        {
            _log.TryDequeue(out _);
        }
    }
}
