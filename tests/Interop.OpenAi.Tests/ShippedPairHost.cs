using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Gateway;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Streams;
using Winnow.Gateway.Tests.Api;
using Winnow.Hosting;
using Winnow.Inference.Files;
using Winnow.Inference.Templates;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Interop.OpenAi.Tests;

/// <summary>The gateway's API with the shipped pair running in this process: two target shards and the draft.</summary>
public sealed class ShippedPairHost : IAsyncLifetime
{
    public const string Model = "winnow-target";

    private Coordinator _coordinator = null!;
    private WebApplication _app = null!;

    /// <summary>Base address for OpenAI clients, with <c>/v1</c>.</summary>
    public string BaseUrl { get; private set; } = "";

    /// <summary>Sequences that hold a slot now.</summary>
    public CoordinatorStatus Status => _coordinator.Status;

    public async Task InitializeAsync()
    {
        string target = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-target-q8_0.gguf");
        IReplicaSource source = LocalReplica.Load(new LocalReplicaOptions
        {
            ModelPath = target,
            DraftPath = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-draft-q8_0.gguf"),
            Shards = 2,
            Threads = 1,
        });
        _coordinator = new Coordinator(Model, source, new CoordinatorOptions(), TimeProvider.System, NullLogger.Instance);
        _coordinator.Start();
        PipelineShape shape = await _coordinator.WaitUntilReadyAsync(CancellationToken.None);
        using ModelFile file = ModelFile.Open(target);
        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(GatewayRole.Definition, "--listen", "http://127.0.0.1:0");
        builder.AddApi();
        builder.Services.AddSingleton<IModelRegistry>(new Registry(new ServedModel
        {
            Name = Model,
            Tokenizer = TokenizerFactory.FromFile(file),
            Template = ChatPrompt.ReadTemplate(file),
            ContextTokens = shape.ContextTokens,
            Generator = _coordinator,
            Fingerprint = () => SystemFingerprint.Of(shape.Numerics),
            Created = DateTimeOffset.UnixEpoch,
        }));
        builder.Services.AddSingleton<IStreamSessions>(new MemorySessions());
        _app = builder.Build();
        _app.MapGateway();
        await _app.StartAsync();
        BaseUrl = _app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Http) + "/v1";
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        await _coordinator.DisposeAsync();
    }

    private sealed class Registry(ServedModel model) : IModelRegistry
    {
        public IReadOnlyList<ServedModel> Ready => [model];

        public IReadOnlyDictionary<string, string> Pending { get; } = new Dictionary<string, string>();
    }
}
