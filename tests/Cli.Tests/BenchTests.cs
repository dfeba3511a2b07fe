using System.Text.Json;
using Winnow.Cli.Tests.Support;

namespace Winnow.Cli.Tests;

/// <summary><c>winnow bench</c> in one process, on settings so small that only its shape means something.</summary>
public sealed class BenchTests(Models models) : IClassFixture<Models>
{
    [Fact]
    public async Task Bench_Json_HasTheDocumentedNamesAndARowPerBatchAndMode()
    {
        ToolResult result = await Tool.RunAsync("bench", "--model", models.Tiny, "--draft", models.Tiny, "--batch", "1,2", "--prompt-tokens", "9", "--tokens", "9", "--draft-tokens", "2", "--drafter", "draft_model", "--threads", "1", "--json");

        JsonElement json = result.Json();
        JsonElement[] rows = [.. json.GetProperty("results").EnumerateArray()];
        JsonAssert.Names(json, "model", "draft", "drafter", "threads", "device", "results");
        Assert.All(rows, row => JsonAssert.Names(row, "batch", "speculation", "prefill_tokens_per_second", "decode_tokens_per_second", "decode_samples", "tokens_per_second",
            "time_to_first_token_ms", "accept_length", "accept_length_samples", "acceptance", "acceptance_samples", "peak_memory_bytes", "pauses", "runs"));
        Assert.Equal([(1, false), (1, true), (2, false), (2, true)], rows.Select(row => (row.GetProperty("batch").GetInt32(), row.GetProperty("speculation").GetBoolean())));
        Assert.Equal([3, 3, 3, 3], rows.Select(row => row.GetProperty("runs").GetInt32()));
        Assert.Equal([1.0, 1.0], rows.Where(row => !row.GetProperty("speculation").GetBoolean()).Select(row => row.GetProperty("accept_length").GetDouble()));
        // A model that drafts for itself is always right.
        Assert.Equal([1.0, 1.0], rows.Where(row => row.GetProperty("speculation").GetBoolean()).Select(row => row.GetProperty("acceptance").GetDouble()));
        Assert.All(rows, row => Assert.True(row.GetProperty("decode_tokens_per_second").GetDouble() > 0 && row.GetProperty("peak_memory_bytes").GetInt64() > 1 << 20));
        Assert.Contains("warming up", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_PartOfTheKvPages_PausesSequencesAndGeneratesAllTheSame()
    {
        string[] flags = ["bench", "--model", models.Tiny, "--batch", "4", "--prompt-tokens", "30", "--tokens", "200", "--threads", "1", "--json"];

        JsonElement whole = (await Tool.RunAsync(flags)).Json().GetProperty("results")[0];
        JsonElement part = (await Tool.RunAsync([.. flags, "--kv-percent", "30"])).Json().GetProperty("results")[0];

        Assert.Equal(0, whole.GetProperty("pauses").GetInt64());
        Assert.True(part.GetProperty("pauses").GetInt64() > 0);
        Assert.True(part.GetProperty("tokens_per_second").GetDouble() > 0);
    }

    [Theory]
    [InlineData("1", 1.0, 1.0)]
    [InlineData("0", 0.0, 0.0)]
    [InlineData("0.5", 0.2, 0.8)]
    public async Task Bench_Scripted_IsRightAsOftenAsAsked(string probability, double least, double most)
    {
        ToolResult result = await Tool.RunAsync(
            "bench", "--model", models.Tiny, "--scripted", probability, "--draft-tokens", "3", "--batch", "2", "--prompt-tokens", "9", "--tokens", "60", "--threads", "1", "--json");

        JsonElement speculation = result.Json().GetProperty("results")[1];
        Assert.InRange(speculation.GetProperty("acceptance").GetDouble(), least, most);
        Assert.Equal(probability != "0", speculation.GetProperty("accept_length").GetDouble() > 1);
    }

    [Fact]
    public async Task Bench_StopHead_DraftsLessAndKeepsMoreOfIt()
    {
        string folder = Path.GetDirectoryName(ShippedModels.Find(ShippedModels.Target))!;
        string[] flags = ["bench", "--draft", Path.Combine(folder, "winnow-draft-q8_0.gguf"), "--drafter", "draft_model", "--draft-shape", "chain", "--draft-tokens", "8", "--tokens", "60", "--temperature", "0.8", "--threads", "1", "--json"];

        JsonElement whole = (await Tool.RunAsync(flags)).Json().GetProperty("results")[1];
        JsonElement sut = (await Tool.RunAsync([.. flags, "--stop-head", Path.Combine(folder, "winnow-stop.gguf"), "--stop-threshold", "0.5"])).Json().GetProperty("results")[1];

        Assert.True(sut.GetProperty("acceptance").GetDouble() > whole.GetProperty("acceptance").GetDouble());
    }

    [Fact]
    public async Task Bench_StopHeadThatFitsNothing_SaysWhy()
    {
        string folder = Path.GetDirectoryName(ShippedModels.Find(ShippedModels.Target))!;
        string head = Path.Combine(folder, "winnow-stop.gguf");

        Assert.Contains("stops a draft model, and there is none", (await Tool.RunAsync("bench", "--stop-head", head)).Errors, StringComparison.Ordinal);
        Assert.Contains("'stop_head.embedding_length'", (await Tool.RunAsync("bench", "--draft", models.Tiny, "--stop-head", head)).Errors, StringComparison.Ordinal);
        Assert.Contains("'general.architecture'", (await Tool.RunAsync("bench", "--draft", models.Tiny, "--stop-head", models.Tiny)).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_OwnPrompts_AreATableForPeople()
    {
        string prompts = models.Write("prompts.txt", "hello\nthe");

        string output = (await Tool.RunAsync("bench", "--model", models.Tiny, "--prompts", prompts, "--tokens", "2")).Text();

        Assert.Contains("draft none", output, StringComparison.Ordinal);
        Assert.Contains("decode tok/s", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_MissingPrompts_Fails()
        => (await Tool.RunAsync("bench", "--model", models.Tiny, "--prompts", models.Missing)).AssertFailed("--prompts", "missing.gguf");

    [Fact]
    public async Task Bench_PromptsBeyondTheContext_Fails()
    {
        ToolResult result = await Tool.RunAsync("bench", "--model", models.Tiny, "--prompt-tokens", "300");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("context of 256", result.Errors, StringComparison.Ordinal);
    }
}
