using System.Text.Json;
using Winnow.Cli.Tests.Support;
using Winnow.Fetching.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Cli.Tests;

/// <summary>Models given by a URL, in one process and in clusters of processes that share a cache.</summary>
[Collection(ClusterCollectionDefinition.Name)]
public sealed class UrlModelTests : IAsyncDisposable
{
    private const string CacheVariable = "WINNOW_Models__CacheDirectory";
    private static readonly string[] Ask = ["--prompt", "Tom has 3 bags", "--max", "12", "--threads", "1", "--json"];
    private readonly TemporaryFolder _folder = new();
    private readonly FileServer _server = new();

    public UrlModelTests() => Environment.SetEnvironmentVariable(CacheVariable, _folder.File("cache"));

    public async ValueTask DisposeAsync()
    {
        Environment.SetEnvironmentVariable(CacheVariable, null);
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Tokens_ClusterWithUrl_AreThoseOfTheLocalFileAndNothingIsFetchedTwice()
    {
        byte[] bytes = File.ReadAllBytes(Models.Target);
        string url = _server.Add("winnow-target-q8_0.gguf", bytes);

        ToolResult local = await Tool.RunAsync(["tokens", "--model", Models.Target, "--in-process", .. Ask]);
        ToolResult fetched = await Tool.RunAsync(["tokens", "--model", url, "--shards", "2", .. Ask]);

        Assert.True(fetched.ExitCode == 0, fetched.Errors);
        Assert.Equal(Ids(local), Ids(fetched));
        // Silo, workers, gateway and tool ask for the first byte of it, and bring the rest together once.
        Assert.InRange(_server.SentBytes, bytes.Length, bytes.Length + 100);
    }

    [Fact]
    public async Task Tokens_TwoProcessesAtOnce_BothHaveTheModel()
    {
        byte[] bytes = File.ReadAllBytes(Models.Target);
        string url = _server.Add("winnow-target-q8_0.gguf", bytes);

        ToolResult[] results = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Tool.RunAsync(["tokens", "--model", url, "--in-process", .. Ask])));

        Assert.All(results, result => Assert.True(result.ExitCode == 0, result.Errors));
        Assert.Equal(Ids(results[0]), Ids(results[1]));
        Assert.InRange(_server.SentBytes, bytes.Length, bytes.Length + 100);
    }

    [Fact]
    public async Task Inspect_Url_ReadsTheHeaderAlone()
    {
        byte[] bytes = File.ReadAllBytes(Models.Target);
        string url = _server.Add("winnow-target-q8_0.gguf", bytes);

        JsonElement json = (await Tool.RunAsync("inspect", url, "--json")).Json();

        Assert.Equal((url, bytes.Length, JsonValueKind.Null),
            (json.GetProperty("file").GetString(), json.GetProperty("bytes").GetInt64(), json.GetProperty("content_hash").ValueKind));
        Assert.InRange(_server.SentBytes, 1, (1 << 20) + 1);
    }

    [Fact]
    public async Task Inspect_MissingUrl_IsOneLine()
    {
        ToolResult result = await Tool.RunAsync("inspect", $"{_server.Address}/none.gguf");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal($"winnow: Fetching '{_server.Address}/none.gguf' failed: the server answered '404'; check the URL.\n", result.Errors);
    }

    private static string Ids(ToolResult result) => result.Json().GetProperty("ids").GetRawText();
}
