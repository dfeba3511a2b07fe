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
        Assert.All(results, row => JsonAssert.Names(row, "work", "count", "depth", "tokens_per_second", "samples", "step_ms", "operations", "bytes_per_step", "gb_per_second", "host_bytes_per_step", "gmac_per_second", "memory_fraction", "over_one", "kernel_fraction"));
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
    public async Task Bench_ADeviceWithRandomWeights_HasItsShareOfTheCopyBandwidth()
    {
        ToolResult result = await Tool.RunAsync(
            "bench", "--device", "ilgpu-cpu", "--shape", "tiny", "--weights", "q8_0", "--decode", "1,3", "--depth", "16", "--tokens", "2", "--runs", "1", "--roofline", "--json");

        JsonElement json = result.Json();
        JsonElement[] results = [.. json.GetProperty("results").EnumerateArray()];
        double copy = json.GetProperty("roofline").GetProperty("read_gb_per_second").GetDouble();
        Assert.Equal("tiny (random Q8_0)", json.GetProperty("model").GetString());
        Assert.Contains("ilgpu-cpu", json.GetProperty("device").GetString(), StringComparison.Ordinal);
        Assert.True(copy > 0);
        // Two layers, norms and head at 34 bytes for 32 weights; 17 positions of keys and values in halves for each sequence.
        const long Weights = ((2 * ((2 * 256 * 256) + (2 * 128 * 256) + (3 * 512 * 256))) + (512 * 256)) / 32 * 34 + (5 * 256 * 4);
        const long Kv = 17 * 2 * 2 * 128 * 2;
        Assert.Equal([Weights + Kv, Weights + (3 * Kv)], results.Select(row => row.GetProperty("bytes_per_step").GetDouble()));
        // A row drawn is 24 bytes; its logits would be 2,048.
        Assert.Equal([24, 72], results.Select(row => row.GetProperty("host_bytes_per_step").GetDouble()));
        Assert.All(results, row => Assert.InRange(row.GetProperty("memory_fraction").GetDouble(), 0, 1));
        Assert.Equal(JsonValueKind.Null, results[0].GetProperty("over_one").ValueKind);
        double[] speeds = [.. results.Select(row => row.GetProperty("tokens_per_second").GetDouble())];
        Assert.Equal(speeds[1] / speeds[0], results[1].GetProperty("over_one").GetDouble(), tolerance: 1e-3);
    }

    [Theory]
    [InlineData("--shape tiny", "--shape 'tiny'")]
    [InlineData("--device ilgpu-cpu --shape huge", "--shape 'huge'")]
    [InlineData("--device ilgpu-cpu --shape tiny --weights q9", "--weights 'q9'")]
    [InlineData("--decode 1 --weights q4_0", "--weights 'q4_0'")]
    [InlineData("--device ilgpu-cpu --decode 1 --profile", "--profile")]
    [InlineData("--device cpu,cpu --decode 1", "'2'")]
    public async Task Bench_DeviceFlagsThatDoNotFit_AreBadUsage(string flags, string mention)
        => (await Tool.RunAsync(["bench", .. flags.Split(' ')])).AssertBadUsage(mention);

    [Fact]
    public async Task Bench_DepthBeyondTheContext_Fails()
        => (await Tool.RunAsync("bench", "--model", models.Tiny, "--depth", "300")).AssertFailed("'364' tokens", "--depth");
}
