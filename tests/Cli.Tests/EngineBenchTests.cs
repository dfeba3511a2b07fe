using System.Text.Json;
using Winnow.Cli.Tests.Support;

namespace Winnow.Cli.Tests;

/// <summary><c>winnow bench</c> on the engine alone, on settings so small that only its shape means something.</summary>
public sealed class EngineBenchTests(Models models) : IClassFixture<Models>
{
    [Fact]
    public async Task Bench_EngineAlone_HasTheDocumentedNamesAndAResultPerWork()
    {
        ToolResult result = await Tool.RunAsync(
            "bench", "--model", models.Tiny, "--decode", "1,2", "--prefill", "20", "--verify", "4", "--depth", "24", "--tokens", "5", "--runs", "2", "--threads", "2", "--kv-type", "f32", "--json");

        JsonElement json = result.Json();
        JsonElement[] results = [.. json.GetProperty("results").EnumerateArray()];
        JsonAssert.Names(json, "model", "device", "threads", "kv_type", "load_ms", "first_token_ms", "context", "resident_bytes", "resident_anonymous_bytes", "results", "roofline");
        Assert.All(results, row => JsonAssert.Names(row, "work", "count", "depth", "tokens_per_second", "samples", "step_ms", "operations", "gb_per_second", "gmac_per_second", "memory_fraction", "kernel_fraction"));
        Assert.Equal(
            [("decode", 1, 24), ("decode", 2, 24), ("prefill", 20, 0), ("verify", 4, 24)],
            results.Select(row => (row.GetProperty("work").GetString()!, row.GetProperty("count").GetInt32(), row.GetProperty("depth").GetInt32())));
        Assert.All(results, row => Assert.Equal(2, row.GetProperty("samples").GetArrayLength()));
        Assert.All(results, row => Assert.Equal(JsonValueKind.Null, row.GetProperty("operations").ValueKind));
        Assert.Equal("f32", json.GetProperty("kv_type").GetString());
        Assert.Equal(256, json.GetProperty("context").GetInt32());
        Assert.True(json.GetProperty("first_token_ms").GetDouble() >= json.GetProperty("load_ms").GetDouble());
    }

    [Fact]
    public async Task Bench_Profile_AccountsForTheWholeStep()
    {
        ToolResult result = await Tool.RunAsync("bench", "--model", models.Tiny, "--profile", "--tokens", "6", "--runs", "1", "--threads", "1", "--json");

        JsonElement decode = Assert.Single(result.Json().GetProperty("results").EnumerateArray());
        JsonElement[] operations = [.. decode.GetProperty("operations").EnumerateArray()];
        Assert.All(operations, row => JsonAssert.Names(row, "operation", "type", "calls", "ms", "share", "wait_share", "bytes", "multiply_adds", "gb_per_second", "gmac_per_second"));
        Assert.Equal(1, operations.Sum(row => row.GetProperty("share").GetDouble()), 2);
        Assert.Contains("other", operations.Select(row => row.GetProperty("operation").GetString()));
        // Two layers.
        Assert.Equal(2, operations.Single(row => row.GetProperty("operation").GetString() == "gate, up").GetProperty("calls").GetDouble());
    }

    [Fact]
    public async Task Bench_ProfileForPeople_IsATableOfOperations()
    {
        string output = (await Tool.RunAsync("bench", "--model", models.Tiny, "--profile", "--fill-context", "--decode", "2", "--tokens", "3", "--runs", "1", "--threads", "1")).Text();

        Assert.Contains("one step of decode 2", output, StringComparison.Ordinal);
        Assert.Contains("norm + quantise", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_DepthBeyondTheContext_Fails()
        => (await Tool.RunAsync("bench", "--model", models.Tiny, "--depth", "300")).AssertFailed("'364' tokens", "--depth");
}
