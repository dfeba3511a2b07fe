using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Winnow.Hosting.Tests;

/// <summary>A role started in process: settings reach the options, endpoints report their real ports, health follows its conditions.</summary>
public sealed class WinnowProcessTests
{
    private static readonly ProcessRole Role = new() { Name = "test", Section = "Test", Description = "A test.", Flags = [] };

    [Fact]
    public async Task StartAsync_FreePorts_ServesHealthWhereEndpointsSay()
    {
        await using WebApplication app = Build();
        await app.StartAsync();
        ProcessHealth health = app.Services.GetRequiredService<ProcessHealth>();
        health.SetNotReady("registered", "No silo answers.");
        using HttpClient client = new() { BaseAddress = new Uri(app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Http)) };

        using HttpResponseMessage live = await client.GetAsync("/health/live");
        using HttpResponseMessage notReady = await client.GetAsync("/health/ready");
        health.SetReady("registered");
        using HttpResponseMessage ready = await client.GetAsync("/health/ready");

        Assert.Equal([200, 503, 200], new[] { live, notReady, ready }.Select(r => (int)r.StatusCode));
        Assert.Contains("No silo answers.", await notReady.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GrpcEndpoint_MegabytesThatNobodyReads_AreTakenWithoutARoundTrip()
    {
        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(Role);
        builder.AddEndpoints(_ => [new ProcessEndpoint(ProcessEndpoint.Grpc, "http://127.0.0.1:0", HttpProtocols.Http2)]);
        await using WebApplication app = builder.Build();
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.MapPost("/hold", () => written.Task);
        await app.StartAsync();
        using HttpClient client = new() { BaseAddress = new Uri(app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Grpc)), Timeout = TimeSpan.FromMinutes(1) };
        using HttpRequestMessage request = new(HttpMethod.Post, "/hold")
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new WatchedContent(ProcessEndpoints.GrpcWindowBytes - 1, written),
        };

        using HttpResponseMessage response = await client.SendAsync(request);

        Assert.True(response.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Url_BeforeStart_Throws()
    {
        await using WebApplication app = Build();

        Assert.Throws<InvalidOperationException>(() => app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Http));
    }

    [Fact]
    public async Task StartAsync_InvalidOption_ThrowsWithTheOption()
    {
        await using WebApplication app = Build("--Process:ShutdownSeconds", "0");

        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Equal(["Process:ShutdownSeconds '0' is out of range; allowed are 1 to 600."], exception.Failures);
    }

    [Fact]
    public async Task RunAsync_InvalidOption_IsExitCode1()
    {
        int code = await WinnowProcess.RunAsync(Role, ["--Process:ParentPid", "-1"], AddHttp, app => app.MapProcessHealth());

        Assert.Equal(1, code);
    }

    [Theory]
    [InlineData("--Process:ParentPid=many")]
    [InlineData("--Process:Typo=1")]
    [InlineData("--Porcess:ShutdownSeconds=5")]
    [InlineData("--config=/nowhere/settings.json")]
    public async Task RunAsync_UnreadableSetting_IsExitCode1(string argument)
    {
        int code = await WinnowProcess.RunAsync(Role, [argument], AddHttp, app => app.MapProcessHealth());

        Assert.Equal(1, code);
    }

    [Fact]
    public async Task RunAsync_BusyPort_IsExitCode1()
    {
        await using WebApplication holder = Build();
        await holder.StartAsync();
        string taken = holder.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Http);

        int code = await WinnowProcess.RunAsync(Role, [], builder => AddHttp(builder, taken), app => app.MapProcessHealth());

        Assert.Equal(1, code);
    }

    [Fact]
    public async Task RunAsync_AnErrorThatEndsALoop_IsExitCode1()
    {
        int code = await WinnowProcess.RunAsync(Role, [], builder =>
        {
            builder.Services.AddHostedService<Losing>();
            AddHttp(builder);
        }, app => app.MapProcessHealth()).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(1, code);
    }

    [Fact]
    public async Task StartAsync_BusyPort_IsFoundBeforeAServiceThatWaitsForever()
    {
        await using WebApplication holder = Build();
        await holder.StartAsync();
        string taken = holder.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Http);
        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(Role);
        builder.Services.AddHostedService<Waiting>();
        AddHttp(builder, taken);
        await using WebApplication sut = builder.Build();

        StartupException exception = await Assert.ThrowsAsync<StartupException>(() => sut.StartAsync());

        Assert.Contains($"'{taken}' is already in use", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CreateBuilder_SectionNobodyHas_IsNamed()
    {
        StartupException exception = Assert.Throws<StartupException>(() => WinnowProcess.CreateBuilder(Role, "--Gatway:Listen", "x"));

        Assert.Contains("'Gatway'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CreateBuilder_SectionsOfOtherRoles_AreAllowed() =>
        Assert.NotNull(WinnowProcess.CreateBuilder(Role, "--Gateway:Listen", "x", "--Worker:Threads", "1"));

    [Fact]
    public async Task RunAsync_UnknownFlag_IsExitCode2() => Assert.Equal(2, await WinnowProcess.RunAsync(Role, ["--nope"], AddHttp, _ => { }));

    [Fact]
    public void Format_WithExtraFields_IsOneJsonLine()
    {
        ReadyLine sut = new(Role);
        sut.Set("orleans_gateway_port", 30000);

        string line = sut.Format("http://127.0.0.1:1", "http://127.0.0.1:2");

        using JsonDocument json = JsonDocument.Parse(line);
        Assert.DoesNotContain('\n', line);
        Assert.Equal(
            (true, "test", "http://127.0.0.1:1", "http://127.0.0.1:2", Environment.ProcessId, 30000),
            (json.RootElement.GetProperty("ready").GetBoolean(), json.RootElement.GetProperty("role").GetString(),
                json.RootElement.GetProperty("address").GetString(), json.RootElement.GetProperty("http").GetString(),
                json.RootElement.GetProperty("pid").GetInt32(), json.RootElement.GetProperty("orleans_gateway_port").GetInt32()));
    }

    private static WebApplication Build(params string[] args)
    {
        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(Role, args);
        AddHttp(builder);
        WebApplication app = builder.Build();
        app.MapProcessHealth();
        return app;
    }

    /// <summary>Zeros, and word when the last of them has been sent.</summary>
    private sealed class WatchedContent(int bytes, TaskCompletionSource written) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[bytes]);
            await stream.FlushAsync();
            written.SetResult();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class Waiting : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    // As the loop of a device that is lost does.
    private sealed class Losing(ProcessHealth health, IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.ApplicationStarted.Register(() =>
            {
                health.ReportFatal(new InvalidOperationException("Device 'x' failed."));
                lifetime.StopApplication();
            });
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private static void AddHttp(WebApplicationBuilder builder) => AddHttp(builder, "http://127.0.0.1:0");

    private static void AddHttp(WebApplicationBuilder builder, string address) =>
        builder.AddEndpoints(_ => [new ProcessEndpoint(ProcessEndpoint.Http, address, HttpProtocols.Http1)]);
}
