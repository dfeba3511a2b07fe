using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Winnow.Gateway.Tests.Api;

/// <summary>Bad requests are refused in OpenAI's error shape, naming the field.</summary>
public sealed class RequestValidationTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(new ScriptedGenerator("hello"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("""{"model":"tiny"}""", "messages")]
    [InlineData("""{"messages":[]}""", "model")]
    [InlineData("""{"model":"tiny","messages":[]}""", "messages")]
    [InlineData("""{"model":"tiny","messages":"hi"}""", "messages")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("""{"model":"tiny","messages":[{"role":"king","content":"x"}]}""", "messages[0].role")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"temperature":-1}""", "temperature")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"temperature":1e300}""", "temperature")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"temperature":"hot"}""", "temperature")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"top_p":2}""", "top_p")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"max_tokens":0}""", "max_tokens")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"max_tokens":99999999999999999999}""", "max_tokens")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"max_tokens":1.5}""", "max_tokens")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"max_tokens":200}""", "max_tokens")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"max_completion_tokens":200}""", "max_completion_tokens")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"n":0}""", "n")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"seed":1e40}""", "seed")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"stop":[1]}""", "stop")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"stop":""}""", "stop")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"logit_bias":{"x":1}}""", "logit_bias")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"logit_bias":{"999":1}}""", "logit_bias")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"logit_bias":{"1":1000}}""", "logit_bias")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"top_logprobs":3}""", "top_logprobs")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":true}}""", "stream_options")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"tools":[]}""", "tools")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"response_format":{"type":"xml"}}""", "response_format.type")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema"}}""", "response_format.json_schema")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"a"}}}""", "response_format.json_schema.schema")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"a b","schema":{}}}}""", "response_format.json_schema.name")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"pattern":"x"}}}}""", "response_format.json_schema.schema")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{},"more":1}}}""", "response_format.json_schema.more")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"},"guided_choice":["a"]}""", "guided_choice")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"structured_outputs":{"choice":["a"],"regex":"b"}}""", "structured_outputs.choice")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"structured_outputs":{}}""", "structured_outputs")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"structured_outputs":{"json_object":false}}""", "structured_outputs")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"structured_outputs":{"choice":"a"}}""", "structured_outputs.choice")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"structured_outputs":{"choice":[1]}}""", "structured_outputs.choice")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"structured_outputs":{"choice":[]}}""", "structured_outputs.choice")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"structured_outputs":{"regex":"(?=a)"}}""", "structured_outputs.regex")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"structured_outputs":{"whitespace_pattern":" "}}""", "structured_outputs.whitespace_pattern")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"structured_outputs":{"json":"{"}}""", "structured_outputs.json")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"guided_grammar":"root ::= x"}""", "guided_grammar")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"grammar":"root ::= root"}""", "grammar")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"json_schema":[]}""", "json_schema")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"speculation":{"drafter":"forced"}}""", "speculation.drafter")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"response_format":{"type":"text","strict":true}}""", "response_format.strict")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"temprature":1}""", "temprature")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"boom"}]}""", "messages")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"speculation":{"draft_tokens":99}}""", "speculation.draft_tokens")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"speculation":{"drafter":"magic"}}""", "speculation.drafter")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"speculation":{"drafter":3}}""", "speculation.drafter")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"speculation":{"max_tokens":17}}""", "speculation.max_tokens")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"speculation":{"rule":"lossy"}}""", "speculation.rule")]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"speculation":{"drafters":[]}}""", "speculation.drafters")]
    public async Task Chat_BadField_Answers400NamingIt(string body, string param)
    {
        JsonElement error = await PostAsync("/v1/chat/completions", body, HttpStatusCode.BadRequest);

        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Theory]
    [InlineData("""{"model":"tiny"}""", "prompt")]
    [InlineData("""{"model":"tiny","prompt":""}""", "prompt")]
    [InlineData("""{"model":"tiny","prompt":[]}""", "prompt")]
    [InlineData("""{"model":"tiny","prompt":[1,-2]}""", "prompt")]
    [InlineData("""{"model":"tiny","prompt":[1,257]}""", "prompt")]
    [InlineData("""{"model":"tiny","prompt":{"a":1}}""", "prompt")]
    [InlineData("""{"model":"tiny","prompt":"x","echo":true}""", "echo")]
    [InlineData("""{"model":"tiny","prompt":"x","suffix":"y"}""", "suffix")]
    [InlineData("""{"model":"tiny","prompt":"x","logprobs":true}""", "logprobs")]
    [InlineData("""{"model":"tiny","prompt":["x","y"],"n":65}""", "n")]
    [InlineData("""{"model":"tiny","prompt":"x","seed":18446744073709551616}""", "seed")]
    [InlineData("""{"model":"tiny","prompt":"x","seed":"7"}""", "seed")]
    public async Task Completions_BadField_Answers400NamingIt(string body, string param)
    {
        JsonElement error = await PostAsync("/v1/completions", body, HttpStatusCode.BadRequest);

        Assert.Equal(param, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task Completions_PromptLongerThanContext_SaysBothLengths()
    {
        string body = JsonSerializer.Serialize(new { model = ApiHost.Model, prompt = new string('x', 150) });

        JsonElement error = await PostAsync("/v1/completions", body, HttpStatusCode.BadRequest);

        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
        Assert.Contains("150", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("100", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("\"x\"")]
    public async Task Chat_BodyIsNoObject_Answers400(string body)
        => await PostAsync("/v1/chat/completions", body, HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("""{"model":"tiny","prompt":"\ud800 x"}""")]
    [InlineData("""{"model":"tiny","prompt":"x \udc00"}""")]
    [InlineData("""{"model":"tiny","prompt":"x","stop":["\ud83d"]}""")]
    [InlineData("""{"model":"tiny","prompt":"x","\ud83d\ud83d":1}""")]
    [InlineData("""{"model":"tiny","prompt":"x","user":"\ud83d\\\udc00"}""")]
    public async Task Completions_HalfASurrogatePair_IsInvalidJson(string body)
    {
        JsonElement error = await PostAsync("/v1/completions", body, HttpStatusCode.BadRequest);

        Assert.Equal("invalid_json", error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Completions_BytesThatAreNotUtf8_IsInvalidJson()
    {
        byte[] body = [.. """{"model":"tiny","prompt":"x"""u8, 0xFF, .. "\"}"u8];

        using HttpResponseMessage response = await _host.Client.PostAsync("/v1/completions", new ByteArrayContent(body));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("invalid_json", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"tiny","prompt":"\ud83d\ude00 \u00e9 \\ud800 \"","stop":"\n\u000a"}""")]
    [InlineData("""{"model":"tiny","prompt":"x","top_p":0}""")]
    [InlineData("""{"model":"tiny","prompt":"x","metadata":{},"store":false}""")]
    [InlineData("""{"model":"tiny","prompt":["x","y"],"n":64}""")]
    public async Task Completions_UnusualButAllowed_Answers200(string body)
    {
        using HttpResponseMessage response = await _host.Client.PostAsync("/v1/completions", Json(body));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.All(_host.Generator.Requests, request => Assert.InRange(request.Sampling.TopP, float.Epsilon, 1));
    }

    [Fact]
    public async Task Chat_UnknownModel_Answers404ListingTheKnown()
    {
        JsonElement error = await PostAsync("/v1/chat/completions", """{"model":"gpt-9","messages":[{"role":"user","content":"x"}]}""", HttpStatusCode.NotFound);

        Assert.Equal("model_not_found", error.GetProperty("code").GetString());
        Assert.Contains("'tiny'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_ModelNotReady_Answers503WithRetryAfter()
    {
        using HttpResponseMessage response = await _host.Client.PostAsync("/v1/chat/completions", Json("""{"model":"slow","messages":[{"role":"user","content":"x"}]}"""));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Embeddings_NotThere_Answers400()
        => await PostAsync("/v1/embeddings", """{"model":"tiny","input":"x"}""", HttpStatusCode.BadRequest);

    [Fact]
    public async Task UnknownRoute_Answers404InErrorShape()
    {
        using HttpResponseMessage response = await _host.Client.GetAsync("/v1/nothing");

        JsonElement body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("unknown_url", body.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Chat_GetInsteadOfPost_Answers405InErrorShape()
    {
        using HttpResponseMessage response = await _host.Client.GetAsync("/v1/chat/completions");

        JsonElement body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal("method_not_allowed", body.GetProperty("error").GetProperty("code").GetString());
    }

    private async Task<JsonElement> PostAsync(string path, string body, HttpStatusCode expected)
    {
        using HttpResponseMessage response = await _host.Client.PostAsync(path, Json(body));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(expected == response.StatusCode, $"expected {expected}, got {response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement.GetProperty("error");
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
