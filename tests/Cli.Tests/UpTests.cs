using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Winnow.Cli.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Cli.Tests;

/// <summary>Local clusters of processes: what they serve, and that they leave nothing behind.</summary>
[Collection(ClusterCollectionDefinition.Name)]
public sealed class UpTests(Models models) : IDisposable
{
    private const int RolesOfThePair = 5;

    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Up_ServesARequest_AndCtrlCLeavesNothingBehind()
    {
        await using var sut = RunningTool.Start(_temporary.Root, "up", "--threads", "1");
        Uri url = await sut.ServingAsync();
        IReadOnlyList<int> children = sut.Children();

        using var client = new HttpClient { BaseAddress = url, Timeout = Tool.Limit };
        using HttpResponseMessage response = await client.PostAsJsonAsync("v1/completions", new { model = "winnow-target-q8_0", prompt = "Tom has", max_tokens = 4 });
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        sut.Interrupt();
        int exitCode = await sut.EndedAsync();

        Assert.Equal(RolesOfThePair, children.Count);
        Assert.Equal(4, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.True(exitCode == 0, $"exit code {exitCode}: {sut.Errors}");
        Assert.EndsWith("winnow: draining …\n", sut.Errors, StringComparison.Ordinal);
        await ProcessTable.EndedAsync(children);
        Assert.Empty(Directory.EnumerateDirectories(_temporary.Root, "winnow-*"));
    }

    [Fact]
    public async Task Up_CtrlCWhileAnAnswerRuns_LetsItEnd()
    {
        await using var sut = RunningTool.Start(_temporary.Root, "up", "--threads", "1", "--gateways", "2");
        Uri url = await sut.ServingAsync();
        using var client = new HttpClient { BaseAddress = url, Timeout = Tool.Limit };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/completions")
        {
            Content = JsonContent.Create(new { model = "winnow-target-q8_0", prompt = "Tom has", max_tokens = 300, ignore_eos = true, stream = true }),
        };
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        sut.Interrupt();
        string answer = await response.Content.ReadAsStringAsync();
        int exitCode = await sut.EndedAsync();

        Assert.Contains("data: [DONE]", answer, StringComparison.Ordinal);
        Assert.True(exitCode == 0, $"exit code {exitCode}: {sut.Errors}");
    }

    [Fact]
    public async Task Up_CtrlCWhileItStarts_LeavesNothingBehind()
    {
        await using var sut = RunningTool.Start(_temporary.Root, "up", "--model", models.Tiny, "--threads", "1");
        IReadOnlyList<int> children = await sut.FirstChildrenAsync();

        sut.Interrupt();
        int exitCode = await sut.EndedAsync();

        Assert.True(exitCode == 0, $"exit code {exitCode}: {sut.Errors}");
        await ProcessTable.EndedAsync(children);
        Assert.Empty(Directory.EnumerateDirectories(_temporary.Root, "winnow-*"));
    }

    [Fact]
    public async Task KillTool_WhileServing_EndsTheChildren()
    {
        await using var sut = RunningTool.Start(_temporary.Root, "up", "--model", models.Tiny, "--shards", "1", "--threads", "1");
        await sut.ServingAsync();
        IReadOnlyList<int> children = sut.Children();

        sut.Kill();
        await sut.EndedAsync();

        Assert.Equal(3, children.Count);
        await ProcessTable.EndedAsync(children);
    }

    [Fact]
    public async Task KillChild_WhileServing_EndsTheToolWithOneLine()
    {
        await using var sut = RunningTool.Start(_temporary.Root, "up", "--model", models.Tiny, "--shards", "1", "--threads", "1");
        await sut.ServingAsync();
        IReadOnlyList<int> children = sut.Children();

        RunningTool.Kill(children[^1]);
        int exitCode = await sut.EndedAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("ended by itself", Assert.Single(sut.Errors.Split('\n'), line => line.StartsWith("winnow: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        await ProcessTable.EndedAsync(children);
    }

    [Fact]
    public async Task Up_BusyPort_IsOneLineAndExitCodeOne()
    {
        using var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();
        int port = ((IPEndPoint)busy.LocalEndpoint).Port;

        await using var sut = RunningTool.Start(_temporary.Root, "up", "--model", models.Tiny, "--shards", "1", "--port", $"{port}");
        int exitCode = await sut.EndedAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains($"{port}", Assert.Single(sut.Errors.Split('\n'), line => line.StartsWith("winnow: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", sut.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(_temporary.Root, "winnow-*"));
    }

    [Fact]
    public async Task Tokens_OnProcesses_EqualsTokensInOne()
    {
        string[] flags = ["tokens", "--model", models.Tiny, "--draft", models.Tiny, "--shards", "2", "--threads", "1", "--prompt", "hello", "--max", "10", "--seed", "3", "--draft-tokens", "2", "--ignore-eos", "--top", "2", "--json"];

        JsonElement here = (await Tool.RunAsync([.. flags, "--in-process"])).Json();
        JsonElement there = (await Tool.RunAsync(flags)).Json();

        int[] processes = there.GetProperty("stats").Integers("process_ids");
        Assert.Equal(here.Integers("ids"), there.Integers("ids"));
        Assert.Equal(here.GetProperty("top").GetRawText(), there.GetProperty("top").GetRawText());
        Assert.Equal(("processes", 2), (there.GetProperty("stats").GetProperty("mode").GetString(), processes.Distinct().Count()));
        Assert.True(there.GetProperty("stats").GetProperty("accepted").GetInt32() > 0);
        Assert.NotEqual(here.GetProperty("stats").Integers("process_ids")[0], processes[0]);
    }

    [Fact]
    public async Task Bench_OverLinks_EveryTokenCrossesALinkPerShardAndOneMore()
    {
        const double ThreeLinksMs = 3 * 9.5;

        ToolResult result = await Tool.RunAsync("bench", "--model", models.Tiny, "--shards", "2", "--threads", "1", "--cluster", "--tokens", "8", "--link-delay", "10ms", "--json");

        JsonElement json = result.Json();
        double tokensPerSecond = json.GetProperty("results")[0].GetProperty("decode_tokens_per_second").GetDouble();
        Assert.InRange(tokensPerSecond, 0.1, 1000 / ThreeLinksMs);
        Assert.StartsWith("local cluster over links of 10 ms,", json.GetProperty("device").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Prompt_StreamsAnAnswerAndASummary()
    {
        ToolResult result = await Tool.RunAsync("run", "Tom has 3 bags with 4 apples each. How many apples?", "--threads", "1", "--max", "24");

        Assert.True(result.Text().Trim().Length > 0);
        Assert.Matches(@"\d+ tokens, [\d.]+ tokens/s, TTFT \d+ ms, [\d.]+ accepted per step, acceptance [\d.]+%", result.Errors);
    }
}
