using Winnow.Cli.Tests.Support;

namespace Winnow.Cli.Tests;

/// <summary><c>winnow render</c>.</summary>
public sealed class RenderTests(Models models) : IClassFixture<Models>
{
    private const string Conversation = """[{"role":"user","content":"Hi é"},{"role":"assistant","content":"Ho"}]""";

    [Theory]
    [InlineData("<user>Hi é\n<assistant>Ho\n")]
    [InlineData("<user>Hi é\n<assistant>Ho\n<assistant>", "--add-generation-prompt")]
    public async Task Render_ModelsTemplate_IsExactlyItsText(string expected, params string[] flags)
        => Assert.Equal(expected, (await RenderAsync(Conversation, flags)).Text());

    [Fact]
    public async Task Render_TemplateAndTools_AreUsed()
    {
        string template = models.Write("own.jinja", "{{ bos_token }}{{ eos_token }} {{ tools[0].function.name }} {{ messages | length }}");
        string tools = models.Write("tools.json", """[{"type":"function","function":{"name":"add"}}]""");

        ToolResult result = await RenderAsync(Conversation, "--template", template, "--tools", tools, "--json");

        Assert.Equal("""{"text":"<s></s> add 2"}""", result.Json().GetRawText());
    }

    [Theory]
    [InlineData("[1", "is not valid JSON")]
    [InlineData("{}", "holds 'Object'")]
    [InlineData("[{},1]", "'Number' as element 1")]
    [InlineData("""[{"role":"user","content":"\ud800"}]""", "not valid Unicode")]
    [InlineData("""[{"role":"user","\ud800":1}]""", "not valid Unicode")]
    public async Task Render_UnreadableMessages_Fails(string messages, string expected)
        => (await RenderAsync(messages)).AssertFailed(expected);

    [Theory]
    [InlineData("x", "--tools", "is not valid JSON")]
    [InlineData("{}", "--tools", "array of tools")]
    [InlineData("a\n{% if %}", "--template", "line 2")]
    [InlineData("{{ raise_exception('no systems') }}", "--template", "no systems")]
    public async Task Render_UnusableFile_Fails(string content, string flag, string expected)
        => (await RenderAsync(Conversation, flag, models.Write(Path.GetRandomFileName(), content))).AssertFailed(expected);

    [Theory]
    [InlineData("--messages")]
    [InlineData("--template")]
    [InlineData("--tools")]
    public async Task Render_MissingFile_Fails(string flag)
    {
        string good = models.Write("good.json", Conversation);
        string[] messages = flag == "--messages" ? [] : ["--messages", good];

        (await Tool.RunAsync(["render", "--model", models.Tiny, .. messages, flag, models.Missing])).AssertFailed(flag, "missing.gguf", "does not exist");
    }

    [Fact]
    public async Task Render_ModelWithoutTemplate_Fails()
    {
        string messages = models.Write("plain.json", Conversation);

        (await Tool.RunAsync("render", "--model", models.NoTemplate, "--messages", messages)).AssertFailed("plain.gguf", "tokenizer.chat_template");
    }

    [Fact]
    public async Task Render_WithoutMessages_IsBadUsage() => (await Tool.RunAsync("render", "--model", models.Tiny)).AssertBadUsage("--messages");

    private Task<ToolResult> RenderAsync(string messages, params string[] flags)
        => Tool.RunAsync(["render", "--model", models.Tiny, "--messages", models.Write(Path.GetRandomFileName(), messages), .. flags]);
}
