using System.Text.Json;
using Winnow.Cli.Tests.Support;

namespace Winnow.Cli.Tests;

/// <summary><c>winnow plan</c>: what fits a memory.</summary>
public sealed class PlanTests(Models models) : IClassFixture<Models>
{
    private static string HeadPath => Path.Combine(Path.GetDirectoryName(ShippedModels.Find(ShippedModels.Target))!, "winnow-head-q8_0.gguf");

    [Fact]
    public async Task Plan_Json_HasTheDocumentedNamesAndAddsUp()
    {
        JsonElement json = (await Tool.RunAsync("plan", "--model", models.Tiny, "--draft", models.Tiny, "--memory", "16MiB", "--context", "100", "--batch", "4", "--json")).Json();

        JsonAssert.Names(json, "model", "draft", "device", "memory_bytes", "used_bytes", "free_bytes", "context_tokens", "batch", "draft_tokens", "tree_nodes",
            "kv_blocks", "kv_block_tokens", "scratch_rows", "bytes", "limits");
        JsonElement bytes = json.GetProperty("bytes");
        JsonAssert.Names(bytes, "weights", "working", "kv_pages", "scratch_rows", "head_weights", "head_cache", "draft_weights", "draft_working", "draft_cache");
        Assert.Equal(bytes.EnumerateObject().Sum(part => part.Value.GetInt64()), json.GetProperty("used_bytes").GetInt64());
        Assert.Equal(16 << 20, json.GetProperty("used_bytes").GetInt64() + json.GetProperty("free_bytes").GetInt64());
        Assert.Equal((4, 16, 16), (json.GetProperty("batch").GetInt32(), json.GetProperty("draft_tokens").GetInt32(), json.GetProperty("tree_nodes").GetInt32()));
        // Two layers, two KV heads of 16 elements, keys and values of two bytes: 256 bytes a token, in 4 x 7 blocks of 16.
        Assert.Equal((28, 28 * 16 * 256), (json.GetProperty("kv_blocks").GetInt32(), bytes.GetProperty("kv_pages").GetInt32()));
        Assert.Equal(["batch request", "draft_tokens maximum", "tree_nodes maximum"],
            json.GetProperty("limits").EnumerateArray().Select(limit => $"{limit.GetProperty("of")} {limit.GetProperty("by")}"));
    }

    [Fact]
    public async Task Plan_ForPeople_SaysWhatLimitsTheBatch()
    {
        string output = (await Tool.RunAsync("plan", "--model", models.Tiny, "--memory", "2MiB", "--kv-type", "f32")).Text();

        Assert.Contains("KV pages", output, StringComparison.Ordinal);
        Assert.Contains("One sequence more needs 131072 bytes", output, StringComparison.Ordinal);
        Assert.Contains("No draft model was given.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_Head_CountsItsWeightsAndItsCacheOfEverySequence()
    {
        string[] asked = ["plan", "--memory", "64MiB", "--context", "100", "--batch", "4", "--json"];
        JsonElement without = (await Tool.RunAsync(asked)).Json();
        JsonElement json = (await Tool.RunAsync([.. asked, "--head", HeadPath])).Json();

        JsonElement bytes = json.GetProperty("bytes");
        long weights = bytes.GetProperty("head_weights").GetInt64();
        long cache = bytes.GetProperty("head_cache").GetInt64();
        Assert.True(weights > 400_000 && cache > 0 && cache % (4 * 112) == 0, $"{weights} and {cache}");
        Assert.Equal(without.GetProperty("used_bytes").GetInt64() + weights + cache, json.GetProperty("used_bytes").GetInt64());
        Assert.Equal((16, 0, 0), (json.GetProperty("draft_tokens").GetInt32(), json.GetProperty("tree_nodes").GetInt32(), without.GetProperty("draft_tokens").GetInt32()));
        Assert.Contains("A head drafts chains", json.GetProperty("limits")[2].GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_DevicesThatShareLayers_CountsWhatEachHasWhole()
    {
        string[] asked = ["plan", "--context", "100", "--batch", "2", "--json", "--device"];
        JsonElement one = (await Tool.RunAsync([.. asked, "ilgpu-cpu"])).Json();
        JsonElement two = (await Tool.RunAsync([.. asked, "ilgpu-cpu+ilgpu-cpu"])).Json();

        JsonElement device = two.GetProperty("device");
        JsonAssert.Names(device, "name", "model", "kernels", "replicated_bytes");
        long replicated = device.GetProperty("replicated_bytes").GetInt64();
        Assert.Equal(("ilgpu-cpu+ilgpu-cpu", "portable"), (device.GetProperty("name").GetString(), device.GetProperty("kernels").GetString()));
        Assert.Equal(0, one.GetProperty("device").GetProperty("replicated_bytes").GetInt64());
        Assert.True(replicated > 0, "the embedding is on both");
        Assert.Equal(one.GetProperty("bytes").GetProperty("weights").GetInt64() + replicated, two.GetProperty("bytes").GetProperty("weights").GetInt64());
        Assert.Equal(one.GetProperty("used_bytes").GetInt64() + replicated, two.GetProperty("used_bytes").GetInt64());
    }

    [Fact]
    public async Task Plan_DevicesThatCannotShareTheModel_IsRefusedWithTheReason() =>
        (await Tool.RunAsync("plan", "--model", models.Tiny, "--device", "ilgpu-cpu+ilgpu-cpu+ilgpu-cpu+ilgpu-cpu")).AssertBadUsage("shared by '4' devices", "key and value heads");

    [Fact]
    public async Task Plan_NeitherMemoryNorDevice_IsBadUsage() =>
        (await Tool.RunAsync("plan", "--model", models.Tiny)).AssertBadUsage("--memory", "--device");

    [Fact]
    public async Task Plan_WhatDoesNotFit_FailsWithTheBytes() =>
        (await Tool.RunAsync("plan", "--model", models.Tiny, "--memory", "100KB", "--batch", "2")).AssertFailed("'2' sequences need", "bytes (weights", "the budget has 100000");
}
