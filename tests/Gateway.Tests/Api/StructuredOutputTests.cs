using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Grammar;

namespace Winnow.Gateway.Tests.Api;

/// <summary>The fields that say what an answer must be, and what becomes of them.</summary>
public sealed class StructuredOutputTests
{
    [Theory]
    [InlineData("chat/completions", "\"response_format\":{\"type\":\"json_object\"}", GrammarKind.JsonObject, "")]
    [InlineData("chat/completions", "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"strict\":true,\"schema\":{\"type\":\"null\"}}}", GrammarKind.JsonSchema, "{\"type\":\"null\"}")]
    [InlineData("completions", "\"structured_outputs\":{\"choice\":[\"a\",\"b\"]}", GrammarKind.Choice, "[\"a\",\"b\"]")]
    [InlineData("completions", "\"structured_outputs\":{\"json_object\":true}", GrammarKind.JsonObject, "")]
    [InlineData("completions", "\"guided_regex\":\"a+\"", GrammarKind.Regex, "a+")]
    [InlineData("completions", "\"guided_json\":\"true\"", GrammarKind.JsonSchema, "true")]
    [InlineData("chat/completions", "\"grammar\":\"root ::= [a-z]\"", GrammarKind.Gbnf, "root ::= [a-z]")]
    [InlineData("completions", "\"json_schema\":{}", GrammarKind.JsonSchema, "{}")]
    public async Task Request_OfEachField_GeneratesWithItsGrammar(string endpoint, string field, GrammarKind kind, string text)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));
        string body = $$"""{"model":"tiny","{{(endpoint[0] == 'c' && endpoint[1] == 'h' ? "messages\":[{\"role\":\"user\",\"content\":\"x\"}]" : "prompt\":\"x\"")}},{{field}}}""";

        using HttpResponseMessage response = await host.Client.PostAsync($"/v1/{endpoint}", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        GenerationRequest request = host.Generator.Requests.Single();
        Assert.Equal(new GrammarSource(kind, text), request.Sampling.Grammar);
        Assert.Equal(request.Sampling.Grammar, request.Grammar!.Source);
    }

    [Fact]
    public async Task Request_OfFormatText_HasNoGrammar()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));

        using HttpResponseMessage response = await host.Client.PostAsJsonAsync("/v1/completions", new { model = "tiny", prompt = "x", response_format = new { type = "text" } });

        Assert.True(response.IsSuccessStatusCode);
        Assert.Null(host.Generator.Requests.Single().Grammar);
    }

    [Fact]
    public async Task Generate_GrammarFails_Answers400()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x") { Refusal = new GenerationException(GenerationErrors.GrammarFailed, "Too much.") });

        using HttpResponseMessage response = await host.Client.PostAsJsonAsync("/v1/completions", new { model = "tiny", prompt = "x", guided_regex = "a" });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        JsonElement error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal("grammar_failed", error.GetProperty("code").GetString());
    }
}
