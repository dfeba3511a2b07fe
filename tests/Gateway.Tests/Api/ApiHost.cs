using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Streams;
using Winnow.Hosting;
using Winnow.Inference.Templates;

namespace Winnow.Gateway.Tests.Api;

/// <summary>The HTTP API on a free port, in front of a scripted generator.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    public const string Model = "tiny";
    public const string PendingModel = "slow";
    public const int ContextTokens = 100;

    private const string Template = "{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}{% if messages[0].content == 'boom' %}{{ raise_exception('no boom here') }}{% endif %}";

    private readonly WebApplication _app;

    private ApiHost(WebApplication app, ScriptedGenerator generator, MemorySessions sessions)
    {
        _app = app;
        Generator = generator;
        Sessions = sessions;
        Client = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Http)) };
    }

    public HttpClient Client { get; }

    public ScriptedGenerator Generator { get; }

    public MemorySessions Sessions { get; }

    /// <summary>Tells it to stop.</summary>
    public ProcessDrain Drain => _app.Services.GetRequiredService<ProcessDrain>();

    /// <summary>Ends when the drain is over.</summary>
    public Task Stopped
    {
        get
        {
            var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _app.Lifetime.ApplicationStopping.Register(stopping.SetResult);
            return stopping.Task;
        }
    }

    public static Task<ApiHost> StartAsync(ScriptedGenerator generator, params string[] arguments) =>
        StartAsync(generator, ChatTemplate.Parse(Template), null, null, arguments);

    public static Task<ApiHost> StartAsync(ScriptedGenerator generator, ChatTemplate template, params string[] arguments) =>
        StartAsync(generator, template, null, null, arguments);

    public static Task<ApiHost> StartAsync(ScriptedGenerator generator, Action<WebApplication> map, params string[] arguments) =>
        StartAsync(generator, ChatTemplate.Parse(Template), null, map, arguments);

    public static Task<ApiHost> StartAsync(ScriptedGenerator generator, Action<WebApplicationBuilder> configure, params string[] arguments) =>
        StartAsync(generator, ChatTemplate.Parse(Template), configure, null, arguments);

    private static async Task<ApiHost> StartAsync(
        ScriptedGenerator generator, ChatTemplate template, Action<WebApplicationBuilder>? configure, Action<WebApplication>? map, string[] arguments)
    {
        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(GatewayRole.Definition, ["--listen", "http://127.0.0.1:0", .. arguments]);
        builder.AddApi();
        var sessions = new MemorySessions();
        builder.Services.AddSingleton<IStreamSessions>(sessions);
        builder.Services.AddSingleton<IModelRegistry>(new Registry(new ServedModel
        {
            Name = Model,
            Tokenizer = new ByteTokenizer(),
            Template = template,
            Content = "c1",
            ContextTokens = ContextTokens,
            Generator = generator,
            Fingerprint = () => "fp_test",
            Created = DateTimeOffset.UnixEpoch,
        }));
        configure?.Invoke(builder);
        WebApplication app = builder.Build();
        app.MapGateway();
        map?.Invoke(app);
        await app.StartAsync();
        return new ApiHost(app, generator, sessions);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private sealed class Registry(ServedModel model) : IModelRegistry
    {
        public IReadOnlyList<ServedModel> Ready => [model];

        public IReadOnlyDictionary<string, string> Pending { get; } = new Dictionary<string, string> { [PendingModel] = "waiting for workers" };
    }
}
