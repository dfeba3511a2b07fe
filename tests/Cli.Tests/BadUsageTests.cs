using Winnow.Cli.Tests.Support;

namespace Winnow.Cli.Tests;

/// <summary>Exit codes and one-line errors: files that are not models, and flags that are not valid.</summary>
public sealed class BadUsageTests(Models models) : IClassFixture<Models>
{
    private const string Help = "see 'winnow --help'";

    [Theory]
    [InlineData("Truncated")]
    [InlineData("WrongMagic")]
    [InlineData("Empty")]
    [InlineData("Missing")]
    [InlineData("Folder")]
    public async Task Inspect_FileThatIsNoModel_Fails(string bad)
    {
        (string path, string mention) = models.Bad(bad);

        (await Tool.RunAsync("inspect", path, "--json")).AssertFailed(mention);
    }

    [Theory]
    [InlineData("Truncated", "tokens --prompt x")]
    [InlineData("WrongMagic", "tokens --prompt x --shards 2")]
    [InlineData("Missing", "bench")]
    [InlineData("Empty", "tokenize --text x")]
    [InlineData("Folder", "detokenize --ids 1")]
    [InlineData("Missing", "run hello")]
    [InlineData("Truncated", "run hello")]
    [InlineData("Missing", "up")]
    [InlineData("WrongMagic", "up")]
    public async Task Command_ModelThatIsNone_Fails(string bad, string command)
    {
        (string path, string mention) = models.Bad(bad);

        (await Tool.RunAsync([.. command.Split(' '), "--model", path])).AssertFailed(mention);
    }

    [Theory]
    [InlineData("tokens --prompt x")]
    [InlineData("bench --batch 2")]
    public async Task Command_DraftThatIsNone_Fails(string command)
        => (await Tool.RunAsync([.. command.Split(' '), "--model", models.Tiny, "--draft", models.Missing])).AssertFailed("--draft", "does not exist");

    [Fact]
    public async Task Run_BrokenTemplate_IsOneLineWithTheTemplatesLine()
        => (await Tool.RunAsync("run", "x", "--model", models.BrokenTemplate)).AssertFailed("template", "line 2");

    [Theory]
    [InlineData("", "Required command")]
    [InlineData("serve", "'serve'")]
    [InlineData("run", "run")]
    [InlineData("up --port 65536", "--port '65536'")]
    [InlineData("up --prot 1", "'--prot'")]
    [InlineData("tokens", "--prompt-ids 1,2,3")]
    [InlineData("tokens --prompt a --prompt-ids 1", "--prompt-ids 1,2,3")]
    [InlineData("tokens --prompt a --prompt b", "--prompt")]
    [InlineData("tokens --prompt a --max abc", "--max 'abc'")]
    [InlineData("tokens --prompt a --max 0", "--max '0'")]
    [InlineData("tokens --prompt a --seed -1", "--seed '-1'")]
    [InlineData("tokens --prompt a --temperature nan", "--temperature 'nan'")]
    [InlineData("tokens --prompt a --greedy --temperature 0.5", "exclude each other")]
    [InlineData("tokens --prompt a --greedy --temperature x", "--temperature 'x'")]
    [InlineData("tokens --prompt a --top 21", "--top '21'")]
    [InlineData("tokens --prompt a --shards 0", "--shards '0'")]
    [InlineData("tokens --prompt a --draft-tokens 17", "--draft-tokens '17'")]
    [InlineData("tokenize", "--text TEXT")]
    [InlineData("tokenize --text", "--text")]
    [InlineData("tokenize --text a --file b", "--file FILE")]
    [InlineData("detokenize", "--ids")]
    [InlineData("inspect", "inspect")]
    [InlineData("plan", "--memory")]
    [InlineData("inspect a b", "'b'")]
    public async Task Command_WrongFlags_IsBadUsage(string line, string mention)
        => (await Tool.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).AssertBadUsage(mention, Help);

    [Theory]
    [InlineData("bench --batch 0", "--batch '0'")]
    [InlineData("bench --runs 2", "--runs '2'")]
    [InlineData("bench --batch 1,x", "'x'")]
    [InlineData("bench --link-delay 20ms", "--cluster")]
    [InlineData("bench --profile --cluster", "--cluster")]
    [InlineData("bench --kv-percent 35 --cluster", "--kv-percent '35'")]
    [InlineData("bench --scripted 0.8 --cluster", "--scripted '0.8'")]
    [InlineData("bench --scripted 0.8 --drafter suffix", "'suffix'")]
    [InlineData("bench --scripted 1.5", "--scripted '1.5'")]
    [InlineData("bench --kv-percent 0", "--kv-percent '0'")]
    [InlineData("bench --verify 4 --drafter none", "--drafter")]
    [InlineData("bench --decode 0", "--decode '0'")]
    [InlineData("up --link-delay 1ms --link-jitter 2ms", "--link-jitter '2ms'")]
    [InlineData("plan --memory 1GiB --context 257", "--context '257'")]
    [InlineData("plan --memory 8gb", "--memory '8gb'")]
    [InlineData("plan --memory 1GiB --batch 513", "--batch '513'")]
    [InlineData("tokens --prompt-ids 1,x", "'x'")]
    [InlineData("tokens --prompt-ids 267", "'267'")]
    [InlineData("up --shards 3", "--shards '3'")]
    public async Task Command_WrongLists_IsBadUsage(string line, string mention)
        => (await Tool.RunAsync([.. line.Split(' '), "--model", models.Tiny])).AssertBadUsage(mention);
}
