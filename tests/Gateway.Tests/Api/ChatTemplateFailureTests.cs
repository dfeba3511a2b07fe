using System.Net;
using System.Text;
using System.Text.Json;
using Winnow.Inference.Files;
using Winnow.Inference.Templates;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Api;

/// <summary>A template that fails is the client's 400 with line and reason; a malformed one in the file does not stop plain prompts.</summary>
public sealed class ChatTemplateFailureTests
{
    private const string Chat = """{"model":"tiny","messages":[{"role":"user","content":"x"}],"max_tokens":2}""";

    [Theory]
    [InlineData("a\n{{ raise_exception('Roles must alternate') }}", "Chat template, line 2: Roles must alternate.")]
    [InlineData("{{ nothing.here }}", "Chat template, line 1: 'nothing' is not defined.")]
    [InlineData("\n\n{% if %}", "Chat template, line 3: found '%}', expected an expression.")]
    [InlineData("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "Chat template, line 1: ")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "Chat template, line 1: ")]
    public async Task Chat_FailingTemplate_Answers400WithLineAndReason(string template, string expected)
    {
        using TemporaryFolder folder = new();
        using ModelFile file = ModelFile.Open(new TinyLlama { ChatTemplate = template }.Write(folder));
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("hello"), ChatTemplate.FromFile(file));

        using HttpResponseMessage response = await host.Client.PostAsync("/v1/chat/completions", new StringContent(Chat, Encoding.UTF8, "application/json"));
        using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        JsonElement error = body.RootElement.GetProperty("error");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(("template_error", "messages"), (error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        Assert.StartsWith($"The chat template refused the messages: {expected}", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completions_MalformedTemplate_StillAnswers()
    {
        using TemporaryFolder folder = new();
        using ModelFile file = ModelFile.Open(new TinyLlama { ChatTemplate = "{% if %}" }.Write(folder));
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("hello"), ChatTemplate.FromFile(file));

        using HttpResponseMessage response = await host.Client.PostAsync(
            "/v1/completions", new StringContent("""{"model":"tiny","prompt":"x","max_tokens":2}""", Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Chat_ContentInParts_ReachesTheTemplateAsOneText()
    {
        ScriptedGenerator generator = new("hello");
        await using ApiHost host = await ApiHost.StartAsync(generator);
        const string Parts = """{"model":"tiny","messages":[{"role":"user","content":[{"type":"text","text":"a "},{"type":"text","text":"b"}]}],"max_tokens":2}""";

        using HttpResponseMessage response = await host.Client.PostAsync("/v1/chat/completions", new StringContent(Parts, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("user:a b;"u8.ToArray().Select(value => (int)value), Assert.Single(generator.Requests).PromptTokens.Where(id => id < 256));
    }
}
