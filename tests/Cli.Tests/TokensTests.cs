using System.Text.Json;
using Winnow.Cli.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Cli.Tests;

/// <summary><c>winnow tokens</c> in one process.</summary>
public sealed class TokensTests(Models models) : IClassFixture<Models>
{
    [Fact]
    public async Task Tokens_Json_HasTheDocumentedNames()
    {
        JsonElement json = (await Tool.RunAsync("tokens", "--model", models.Tiny, "--prompt-ids", "264,260", "--max", "3", "--ignore-eos", "--threads", "1", "--json")).Json();

        JsonAssert.Names(json, "prompt_ids", "ids", "text", "finish_reason", "stats");
        JsonAssert.Names(json.GetProperty("stats"), "mode", "process_ids", "steps", "drafted", "accepted", "decode_tokens_per_second", "prefill_tokens_per_second");
        Assert.Equal([264, 260], json.Integers("prompt_ids"));
        Assert.Equal(3, json.Integers("ids").Length);
        Assert.Equal(("length", "in_process", 0), (json.GetProperty("finish_reason").GetString(), json.GetProperty("stats").GetProperty("mode").GetString(), json.GetProperty("stats").GetProperty("drafted").GetInt32()));
    }

    [Theory]
    [InlineData("--greedy")]
    [InlineData("--seed", "7", "--temperature", "0.8", "--top-k", "40")]
    public async Task Tokens_WithAndWithoutDraft_AreTheSame(params string[] sampling)
    {
        string[] flags = ["tokens", "--model", Models.Target, "--prompt", "Tom has 3 bags with 4 apples each.", "--max", "24", "--in-process", "--json", .. sampling];

        JsonElement alone = (await Tool.RunAsync(flags)).Json();
        JsonElement drafted = (await Tool.RunAsync([.. flags, "--draft", Models.Draft, "--draft-tokens", "4", "--shards", "2"])).Json();

        JsonElement stats = drafted.GetProperty("stats");
        Assert.Equal(alone.Integers("ids"), drafted.Integers("ids"));
        Assert.Equal(alone.GetProperty("text").GetString(), drafted.GetProperty("text").GetString());
        Assert.InRange(stats.GetProperty("accepted").GetInt32(), 1, stats.GetProperty("drafted").GetInt32());
        Assert.InRange(stats.GetProperty("steps").GetInt32(), 1, drafted.Integers("ids").Length - 1);
    }

    [Fact]
    public async Task Tokens_Seeds_ChangeTheTokens()
    {
        string[] flags = ["tokens", "--model", models.Tiny, "--prompt", "hello", "--max", "12", "--ignore-eos", "--json", "--seed"];

        int[] first = (await Tool.RunAsync([.. flags, "1"])).Json().Integers("ids");
        int[] again = (await Tool.RunAsync([.. flags, "1"])).Json().Integers("ids");
        int[] other = (await Tool.RunAsync([.. flags, "2"])).Json().Integers("ids");

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public async Task Tokens_Top_IsTheBestTokensOfEachPosition()
    {
        JsonElement json = (await Tool.RunAsync("tokens", "--model", Models.Target, "--prompt", "Tom has", "--max", "4", "--top", "3", "--greedy", "--json")).Json();

        int[] ids = json.Integers("ids");
        JsonElement[] positions = [.. json.GetProperty("top").EnumerateArray()];
        JsonAssert.Names(json, "prompt_ids", "ids", "text", "finish_reason", "top", "stats");
        Assert.Equal(ids.Length, positions.Length);
        for (int i = 0; i < ids.Length; i++)
        {
            double[] logprobs = [.. positions[i].EnumerateArray().Select(entry => entry[1].GetDouble())];
            Assert.Equal((ids[i], 3), (positions[i][0][0].GetInt32(), logprobs.Length));
            Assert.Equal(logprobs.OrderDescending(), logprobs);
            Assert.InRange(logprobs.Sum(Math.Exp), 0, 1.0001);
        }
    }

    [Fact]
    public async Task Tokens_PromptBeyondTheContext_Fails()
        => (await Tool.RunAsync("tokens", "--model", models.Tiny, "--prompt", new string('x', 300), "--max", "1")).AssertFailed("256");

    [Fact]
    public async Task Tokens_MoreShardsThanLayers_Fails()
        => (await Tool.RunAsync("tokens", "--model", models.Tiny, "--prompt", "x", "--shards", "3", "--in-process")).AssertBadUsage("--shards '3'", "1 to 2");

    [Fact]
    public async Task Tokens_DraftWithAnotherVocabulary_GivesTheSameTokens()
    {
        string[] flags = ["tokens", "--model", models.Tiny, "--prompt", "x", "--max", "8", "--in-process", "--json"];
        JsonElement alone = (await Tool.RunAsync(flags)).Json();
        JsonElement drafted = (await Tool.RunAsync([.. flags, "--draft", Models.Draft, "--drafter", "draft_model", "--draft-tokens", "4"])).Json();

        Assert.Equal(alone.GetProperty("ids").GetRawText(), drafted.GetProperty("ids").GetRawText());
    }

    [Fact]
    public async Task Tokens_ForPeople_ShowsIdsAndStats()
    {
        string output = (await Tool.RunAsync("tokens", "--model", models.Tiny, "--prompt", "hello", "--max", "2")).Text();

        Assert.Contains("in_process, 2 steps", output, StringComparison.Ordinal);
        Assert.Contains("prompt   264 260 111", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_TeacherIds_GivesWhatTheModelExpectsAlongThem()
    {
        string[] flags = ["tokens", "--model", Models.Target, "--prompt", "Tom has", "--top", "3", "--kv-type", "f32", "--json"];
        JsonElement free = (await Tool.RunAsync([.. flags, "--max", "6"])).Json();
        int[] ids = free.Integers("ids");

        JsonElement forced = (await Tool.RunAsync([.. flags, "--shards", "2", "--teacher-ids", string.Join(',', ids)])).Json();
        JsonElement astray = (await Tool.RunAsync([.. flags, "--teacher-ids", $"{ids[0]},7,{ids[2]}"])).Json();

        JsonAssert.Names(forced, "prompt_ids", "teacher_ids", "ids", "text", "equal", "teacher_logprobs", "top", "top_logits");
        Assert.Equal(ids, forced.Integers("ids"));
        Assert.Equal(6, forced.GetProperty("equal").GetInt32());
        Assert.Equal(free.GetProperty("top").GetRawText(), forced.GetProperty("top").GetRawText());
        Assert.Equal(ids[..2], astray.Integers("ids")[..2]);
        Assert.Equal((1, ids[0]), (astray.GetProperty("equal").GetInt32(), astray.Integers("teacher_ids")[0]));
        Assert.NotEqual(forced.GetProperty("top")[2].GetRawText(), astray.GetProperty("top")[2].GetRawText());
    }

    [Fact]
    public async Task Tokens_TeacherIdsOfAnOracle_AreWhatTheModelExpects()
    {
        string path = Path.Combine(SharedFolder.RepositoryRoot, "tests", "Inference.Tests", "Oracles", "llama31-tiny-F32");
        using JsonDocument oracle = JsonDocument.Parse(await File.ReadAllTextAsync(path + ".json"));
        JsonElement prompt = oracle.RootElement.GetProperty("prompts")[4];

        JsonElement json = (await Tool.RunAsync(
            "tokens", "--model", path + ".gguf", "--prompt", prompt.GetProperty("text").GetString()!, "--teacher-ids", string.Join(',', prompt.Integers("greedy")), "--kv-type", "f32", "--json")).Json();

        Assert.Equal(prompt.Integers("ids"), json.Integers("prompt_ids"));
        Assert.Equal(prompt.Integers("greedy"), json.Integers("ids"));
        Assert.Equal(prompt.GetProperty("first_top5_probs")[0][1].GetDouble(), Math.Exp(json.GetProperty("top")[0][0][1].GetDouble()), 1e-3);
        Assert.Equal(prompt.GetProperty("top5_logits")[63][4][1].GetDouble(), json.GetProperty("top_logits")[63][4][1].GetDouble(), 1e-3);
    }

    [Theory]
    [InlineData("ilgpu-cpu", 1)]
    [InlineData("cpu,ilgpu-cpu", 2)]
    public async Task Tokens_CompareADeviceOnTheShippedTarget_DiffersAtNearTiesAtMost(string devices, int shards)
    {
        JsonElement json = (await Tool.RunAsync(
            "tokens", "--model", Models.Target, "--prompt", "Tom has 3", "--max", "8", "--ignore-eos", "--device", devices, "--shards", $"{shards}", "--compare", "cpu", "--json")).Json();

        JsonAssert.Names(
            json, "prompt_ids", "ids", "text", "reference", "device", "near_tie_gap", "equal", "near_ties", "differences", "close_steps", "largest_logit_difference", "unequal");
        Assert.Equal((8, 0), (json.GetProperty("equal").GetInt32() + json.GetProperty("near_ties").GetInt32(), json.GetProperty("differences").GetInt32()));
        Assert.Equal((string.Join(',', Enumerable.Repeat("cpu", shards)), devices), (json.GetProperty("reference").GetString(), json.GetProperty("device").GetString()));
        Assert.InRange(json.GetProperty("largest_logit_difference").GetDouble(), 1e-7, 0.5);
        Assert.Equal(json.GetProperty("near_ties").GetInt32(), json.GetProperty("unequal").GetArrayLength());
    }

    [SharedTheory("oracles")]
    [InlineData("llama-tiny-Q4_0")]
    [InlineData("llama-tinyk-Q4_K")]
    [InlineData("qwen2-tiny-Q8_0-bpe")]
    public async Task Tokens_CompareADeviceOnOracles_DiffersAtNearTiesAtMost(string name)
    {
        JsonElement json = (await Tool.RunAsync(
            "tokens", "--model", SharedFolder.File($"oracles/{name}.gguf"), "--prompt-ids", "1,17,130,41", "--max", "16", "--ignore-eos", "--device", "ilgpu-cpu", "--compare", "cpu", "--json")).Json();

        Assert.Equal((16, 0), (json.GetProperty("equal").GetInt32() + json.GetProperty("near_ties").GetInt32(), json.GetProperty("differences").GetInt32()));
    }

    [Fact]
    public async Task Tokens_CompareWithItself_IsEqualToTheLastBitAndGreedy()
    {
        string[] flags = ["tokens", "--model", models.Tiny, "--prompt", "hello", "--max", "6", "--ignore-eos"];
        JsonElement json = (await Tool.RunAsync([.. flags, "--compare", "cpu", "--json"])).Json();
        string text = (await Tool.RunAsync([.. flags, "--compare", "cpu"])).Text();
        JsonElement greedy = (await Tool.RunAsync([.. flags, "--json"])).Json();

        Assert.Equal((6, 0d), (json.GetProperty("equal").GetInt32(), json.GetProperty("largest_logit_difference").GetDouble()));
        Assert.Equal(greedy.Integers("ids"), json.Integers("ids"));
        Assert.Contains("cpu beside cpu, 6 greedy tokens: 6 equal, 0 near-ties, 0 differences", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_TeacherIdsForPeople_ShowsLogitsAndProbabilities()
    {
        string output = (await Tool.RunAsync("tokens", "--model", models.Tiny, "--prompt", "hello", "--teacher-ids", "5,6")).Text();

        Assert.Contains("teacher  5 6", output, StringComparison.Ordinal);
        Assert.Matches(@"step 1 +(\d+:-?\d+\.\d{4} \(0\.\d{4}\) *){5}\n", output);
    }

    [Theory]
    [InlineData("--teacher-ids 9999", "'9999'")]
    [InlineData("--teacher-ids ,", "--teacher-ids")]
    [InlineData("--teacher-ids 1 --kv-type q2", "--kv-type 'q2'")]
    [InlineData("--teacher-ids 1 --compare cpu", "--compare")]
    [InlineData("--near-tie 0.1", "--near-tie")]
    [InlineData("--compare gpu", "--compare 'gpu'")]
    public async Task Tokens_BadTeacher_IsBadUsage(string flags, string mention)
        => (await Tool.RunAsync(["tokens", "--model", models.Tiny, "--prompt", "x", .. flags.Split(' ')])).AssertBadUsage(mention);

    [Fact]
    public async Task Tokens_TeacherBeyondTheContext_Fails()
        => (await Tool.RunAsync("tokens", "--model", models.Tiny, "--prompt", "x", "--teacher-ids", string.Join(',', new int[256]))).AssertFailed("256");
}
