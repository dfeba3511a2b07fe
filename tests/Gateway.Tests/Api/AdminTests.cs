using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Admin;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Api;

/// <summary>The operator's endpoints over HTTP, with a cluster that only remembers.</summary>
public sealed class AdminTests
{
    private static readonly string ModelPath = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-target-q8_0.gguf");

    [Fact]
    public async Task Load_AllFields_DefinesTheModel()
    {
        var cluster = new FakeCluster();
        await using ApiHost host = await StartAsync(cluster);

        (HttpStatusCode status, JsonNode answer) = await SendAsync(host, HttpMethod.Post, "/admin/models", new JsonObject
        {
            ["name"] = "m",
            ["model_path"] = ModelPath,
            ["draft_path"] = ModelPath,
            ["shards"] = 2,
            ["replicas"] = 3,
            ["context_tokens"] = 64,
        });

        ModelDefinition expected = new() { Name = "m", ModelPath = ModelPath, DraftPath = ModelPath, Shards = 2, Replicas = 3, ContextTokens = 64 };
        Assert.Equal((HttpStatusCode.Accepted, expected), (status, cluster.Definitions["m"]));
        Assert.Equal(("m", "loading", 3), (answer["id"]!.GetValue<string>(), answer["phase"]!.GetValue<string>(), answer["replicas_wanted"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("{\"name\": \"m\"}", "missing_required_parameter")]
    [InlineData("{\"name\": \"m\", \"model_path\": \"relative.gguf\"}", "invalid_value")]
    [InlineData("{\"name\": \"m\", \"model_path\": \"/nowhere/x.gguf\"}", "invalid_value")]
    [InlineData("{\"name\": \"a b\", \"model_path\": \"/x\"}", "invalid_value")]
    [InlineData("{\"name\": 3}", "invalid_type")]
    [InlineData("nonsense", "invalid_json")]
    public async Task Load_BadBody_IsRefusedAndNothingDefined(string body, string code)
    {
        var cluster = new FakeCluster();
        await using ApiHost host = await StartAsync(cluster);

        (HttpStatusCode status, JsonNode answer) = await SendAsync(host, HttpMethod.Post, "/admin/models", body);

        Assert.Equal((HttpStatusCode.BadRequest, code), (status, answer["error"]!["code"]!.GetValue<string>()));
        Assert.Empty(cluster.Definitions);
    }

    [Fact]
    public async Task Scale_KnownAndUnknownModel_ChangesOnlyWhatIsNamed()
    {
        var cluster = new FakeCluster();
        cluster.Definitions["a/b"] = new ModelDefinition { Name = "a/b", ModelPath = ModelPath, Shards = 2 };
        await using ApiHost host = await StartAsync(cluster);

        (HttpStatusCode known, _) = await SendAsync(host, HttpMethod.Post, "/admin/models/a%2Fb/scale", "{\"replicas\": 4}");
        (HttpStatusCode unknown, JsonNode refusal) = await SendAsync(host, HttpMethod.Post, "/admin/models/x/scale", "{\"replicas\": 4}");
        (HttpStatusCode nothing, _) = await SendAsync(host, HttpMethod.Post, "/admin/models/a%2Fb/scale", "{}");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.NotFound, HttpStatusCode.BadRequest), (known, unknown, nothing));
        Assert.Equal((4, 2), (cluster.Definitions["a/b"].Replicas, cluster.Definitions["a/b"].Shards));
        Assert.Equal("model_not_found", refusal["error"]!["code"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("", HttpStatusCode.Accepted, true)]
    [InlineData("?running=end", HttpStatusCode.Accepted, false)]
    [InlineData("?running=perhaps", HttpStatusCode.BadRequest, null)]
    public async Task Unload_Running_IsFinishedOrEnded(string query, HttpStatusCode expected, bool? finishes)
    {
        var cluster = new FakeCluster();
        cluster.Definitions["m"] = new ModelDefinition { Name = "m", ModelPath = ModelPath };
        await using ApiHost host = await StartAsync(cluster);

        (HttpStatusCode status, _) = await SendAsync(host, HttpMethod.Delete, $"/admin/models/m{query}");
        (HttpStatusCode unknown, _) = await SendAsync(host, HttpMethod.Delete, "/admin/models/x");

        Assert.Equal((expected, HttpStatusCode.NotFound, finishes), (status, unknown, cluster.Finishes));
    }

    [Fact]
    public async Task Workers_ListAndDrain_NameWhatTheyHoldAndTheWayToOthers()
    {
        var cluster = new FakeCluster();
        cluster.Definitions["m"] = new ModelDefinition { Name = "m", ModelPath = ModelPath };
        await using ApiHost host = await StartAsync(cluster);

        (_, JsonNode list) = await SendAsync(host, HttpMethod.Get, "/admin/workers");
        (HttpStatusCode drained, JsonNode worker) = await SendAsync(host, HttpMethod.Post, "/admin/workers/w/drain");
        (HttpStatusCode unknown, JsonNode refusal) = await SendAsync(host, HttpMethod.Post, "/admin/workers/x/drain");

        JsonNode first = list["data"]![1]!;
        Assert.Equal(("w", "m/0", 0), (first["id"]!.GetValue<string>(), first["shards"]![0]!["replica"]!.GetValue<string>(), first["shards"]![0]!["index"]!.GetValue<int>()));
        Assert.Equal(("v", 1500.0), (first["latencies"]![0]!["worker"]!.GetValue<string>(), first["latencies"]![0]!["micros"]!.GetValue<double>()));
        Assert.Empty(list["data"]![0]!["shards"]!.AsArray());
        Assert.Equal((HttpStatusCode.Accepted, "draining", HttpStatusCode.NotFound), (drained, worker["health"]!.GetValue<string>(), unknown));
        Assert.Equal("worker_not_found", refusal["error"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Resume_DrainedLeavingAndUnknownWorker_IsTakenBackOrSaysWhyNot()
    {
        var cluster = new FakeCluster();
        await using ApiHost host = await StartAsync(cluster);
        await SendAsync(host, HttpMethod.Post, "/admin/workers/w/drain");

        (HttpStatusCode resumed, JsonNode worker) = await SendAsync(host, HttpMethod.Post, "/admin/workers/w/resume");
        (HttpStatusCode unknown, JsonNode unknownRefusal) = await SendAsync(host, HttpMethod.Post, "/admin/workers/x/resume");
        cluster.IsLeaving = true;
        (HttpStatusCode leaving, JsonNode leavingRefusal) = await SendAsync(host, HttpMethod.Post, "/admin/workers/w/resume");

        Assert.Equal((HttpStatusCode.Accepted, "alive"), (resumed, worker["health"]!.GetValue<string>()));
        Assert.Equal((HttpStatusCode.NotFound, "worker_not_found"), (unknown, unknownRefusal["error"]!["code"]!.GetValue<string>()));
        Assert.Equal((HttpStatusCode.Conflict, "worker_leaving"), (leaving, leavingRefusal["error"]!["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Models_WithoutTheAdminScope_IsRefused()
    {
        await using ApiHost host = await StartAsync(new FakeCluster(), "--Gateway:ApiKeys:0=a-key-of-some-length-for-inference");

        (HttpStatusCode status, _) = await SendAsync(host, HttpMethod.Get, "/admin/models");

        Assert.Equal(HttpStatusCode.Unauthorized, status);
    }

    private static Task<ApiHost> StartAsync(FakeCluster cluster, params string[] arguments) => ApiHost.StartAsync(
        new ScriptedGenerator("x"), (WebApplication app) => AdminEndpoints.Map(app, new AdminEndpoints(cluster)), arguments);

    private static Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(ApiHost host, HttpMethod method, string path, JsonObject body) =>
        SendAsync(host, method, path, body.ToJsonString());

    private static async Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(ApiHost host, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8) };
        using HttpResponseMessage response = await host.Client.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private sealed class FakeCluster : IClusterAdmin
    {
        private WorkerHealth _health = WorkerHealth.Alive;

        public Dictionary<string, ModelDefinition> Definitions { get; } = [];

        public bool? Finishes { get; private set; }

        public bool IsLeaving { get; set; }

        public Task<IReadOnlyList<ModelStatus>> ListModelsAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<ModelStatus>>(
            [.. Definitions.Values.Select(definition => new ModelStatus
            {
                Name = definition.Name,
                Phase = ModelPhase.Loading,
                Detail = "Loading.",
                Definition = definition,
                Replicas = [new ReplicaStatus { Index = 0, Phase = ModelPhase.Loading, Detail = "Loading.", Placement = PlacementOf(definition) }],
            })]);

        public Task<IReadOnlyList<WorkerRecord>> ListWorkersAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<WorkerRecord>>(
            [Worker("v"), Worker("w") with { Health = _health, Links = [new LinkLatency { Address = "http://v:1", Seconds = 0.0015 }] }]);

        public Task DefineAsync(ModelDefinition definition, CancellationToken cancellation)
        {
            Definitions[definition.Name] = definition;
            return Task.CompletedTask;
        }

        public Task<bool> UnloadAsync(string name, bool finish, CancellationToken cancellation)
        {
            bool isKnown = Definitions.ContainsKey(name);
            Finishes = isKnown ? finish : Finishes;
            return Task.FromResult(isKnown);
        }

        public Task<bool> DrainAsync(string workerId, CancellationToken cancellation)
        {
            _health = workerId == "w" ? WorkerHealth.Draining : _health;
            return Task.FromResult(workerId == "w");
        }

        public Task<WorkerHealth?> ResumeAsync(string workerId, CancellationToken cancellation)
        {
            _health = IsLeaving ? WorkerHealth.Draining : WorkerHealth.Alive;
            return Task.FromResult<WorkerHealth?>(workerId == "w" ? _health : null);
        }

        private static ReplicaPlacement PlacementOf(ModelDefinition definition) => new()
        {
            Replica = $"{definition.Name}/0",
            Epoch = 1,
            Model = definition,
            Shards = [new ShardPlacement { Index = 0, FirstLayer = 0, LastLayer = 1, WorkerId = "w", Address = "http://w:1" }],
        };

        private static WorkerRecord Worker(string id) => new()
        {
            WorkerId = id,
            Address = $"http://{id}:1",
            Roles = WorkerRoles.Target,
            Device = "test",
            MemoryBytes = 1000,
            ProcessId = 1,
            Backend = "test",
            Incarnation = 1,
            Health = WorkerHealth.Alive,
            LastBeat = default,
        };
    }
}
