using System.Diagnostics;
using System.Text.Json;

namespace Winnow.Interop.OpenAi.Tests;

/// <summary>The official OpenAI npm package completes, streams and aborts against the gateway.</summary>
public sealed class NodeClientTests(ShippedPairHost host) : IClassFixture<ShippedPairHost>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [NodeFact]
    public async Task Client_WholeStreamedAbortedAndRefused_BehavesAsWithOpenAi()
    {
        JsonElement result = await RunAsync();

        Assert.Equal(ShippedPairHost.Model, Assert.Single(result.GetProperty("models").EnumerateArray()).GetString());
        Assert.NotEmpty(result.GetProperty("chat").GetString()!);
        Assert.Equal(result.GetProperty("chat").GetString(), result.GetProperty("streamed").GetString());
        Assert.Equal(
            result.GetProperty("usage").GetProperty("completion_tokens").GetInt32(),
            result.GetProperty("streamedUsage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal(2, result.GetProperty("completions").GetArrayLength());
        Assert.Equal(result.GetProperty("completions")[0].GetString(), result.GetProperty("completionStreamed").GetString());
        Assert.InRange(result.GetProperty("logprobs").GetInt32(), 1, 8);
        AssertError(result, "not_found", 404, "model");
        AssertError(result, "bad_field", 400, "temperature");
        AssertError(result, "tools", 400, "tools");
        await AssertSlotsFreedAsync();
    }

    private static void AssertError(JsonElement result, string name, int status, string param)
    {
        JsonElement error = result.GetProperty("errors").GetProperty(name);
        Assert.True(error.GetProperty("expectedKind").GetBoolean());
        Assert.Equal(status, error.GetProperty("status").GetInt32());
        Assert.Equal(param, error.GetProperty("param").GetString());
    }

    private async Task AssertSlotsFreedAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        while (host.Status.Running > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        }
    }

    private async Task<JsonElement> RunAsync()
    {
        var start = new ProcessStartInfo("node", [Path.Combine(NodeFactAttribute.Folder, "client.mjs"), host.BaseUrl, ShippedPairHost.Model])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Limit);
        Assert.True(process.ExitCode == 0, $"node ended with {process.ExitCode}: {await errors}");
        return JsonDocument.Parse(await output).RootElement;
    }
}
