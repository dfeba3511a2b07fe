using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;
using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests.Support;

/// <summary>Runs requests of the law through a gateway's HTTP API, token ids in and out, by turns streamed and not.</summary>
internal sealed class ClusterClient(Uri gateway) : IDisposable
{
    private const string DataPrefix = "data: ";

    // Whoever stops reading is gone at once, without reading on for the connection's sake.
    private readonly HttpClient _http = new(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = gateway, Timeout = Patience.Limit };

    /// <summary>Plain access to the gateway.</summary>
    public HttpClient Http => _http;

    /// <summary>Runs requests, all at once or one after the other.</summary>
    /// <param name="conditions">Model, drafting and cache of every request.</param>
    /// <param name="requests">Requests with their prompts.</param>
    /// <param name="together">All at once.</param>
    public async Task<IReadOnlyList<LawOutcome>> RunAsync(RunConditions conditions, IReadOnlyList<(LawRequest Request, int[] Prompt)> requests, bool together)
    {
        var outcomes = new LawOutcome[requests.Count];
        var running = new List<Task>();
        for (int i = 0; i < outcomes.Length; i++)
        {
            int index = i;
            (LawRequest request, int[] prompt) = requests[index];
            Task task = Task.Run(async () => outcomes[index] = await RunAsync(conditions, request, prompt, stream: index % 2 == 0));
            running.Add(task);
            if (!together)
            {
                await task;
            }
        }
        await Task.WhenAll(running);
        return outcomes;
    }

    /// <summary>Runs one request.</summary>
    /// <param name="conditions">Model, drafting and cache.</param>
    /// <param name="request">Request.</param>
    /// <param name="prompt">Its prompt's token ids.</param>
    /// <param name="stream">By server-sent events.</param>
    /// <param name="onChunk">Called after every event; may throw to go away.</param>
    public async Task<LawOutcome> RunAsync(RunConditions conditions, LawRequest request, int[] prompt, bool stream, Func<LawOutcome, Task>? onChunk = null)
    {
        var outcome = new LawOutcome(request);
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(Body(conditions, request, prompt, stream)) };
        using HttpResponseMessage response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        await using Stream body = await response.Content.ReadAsStreamAsync();
        using var reader = new StreamReader(body);
        if (!response.IsSuccessStatusCode || !stream)
        {
            string text = await reader.ReadToEndAsync();
            Assert.True(response.IsSuccessStatusCode, $"{request.Name}: the gateway answered {(int)response.StatusCode}: {text}");
            Take(outcome, text);
            return outcome;
        }
        bool done = false;
        while (await reader.ReadLineAsync() is { } line)
        {
            done |= line == DataPrefix + "[DONE]";
            if (line.StartsWith(DataPrefix, StringComparison.Ordinal) && !done)
            {
                Take(outcome, line[DataPrefix.Length..]);
                await (onChunk?.Invoke(outcome) ?? Task.CompletedTask);
            }
        }
        Assert.True(done, $"{request.Name}: the stream ended without [DONE] after {outcome.TokenCount} tokens.");
        return outcome;
    }

    /// <summary>The value of one of the gateway's metrics, 0 while it has none.</summary>
    /// <param name="name">Metric name.</param>
    /// <param name="model">Model label.</param>
    public async Task<double> MetricAsync(string name, string model)
    {
        string start = $"{name}{{model=\"{model}\"}} ";
        string metrics = await _http.GetStringAsync("/metrics");
        string? line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.AsSpan(start.Length), CultureInfo.InvariantCulture);
    }

    /// <summary>Names of the models that are ready.</summary>
    public async Task<IReadOnlyList<string>> ModelsAsync() =>
        [.. (await GetAsync("/v1/models"))["data"]!.AsArray().Select(model => model!["id"]!.GetValue<string>())];

    /// <summary>What the operator's endpoints say.</summary>
    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await _http.GetStringAsync(path))!;

    /// <summary>Asks an operator's endpoint for a change.</summary>
    public async Task PostAsync(string path, string body)
    {
        using var content = new StringContent(body);
        using HttpResponseMessage response = await _http.PostAsync(path, content);
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>Ids of the workers that hold a model's shards, in shard order; none while it moves.</summary>
    public async Task<IReadOnlyList<string>> ShardWorkersAsync(string model)
    {
        JsonNode found = (await GetAsync("/admin/models"))["data"]!.AsArray().Single(entry => entry!["id"]!.GetValue<string>() == model)!;
        return [.. found["replicas"]![0]!["shards"]!.AsArray().Select(shard => shard!["worker"]!.GetValue<string>())];
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static string FieldOf(GrammarKind kind) => kind switch
    {
        GrammarKind.JsonObject => "json_object",
        GrammarKind.JsonSchema => "json",
        GrammarKind.Regex => "regex",
        GrammarKind.Choice => "choice",
        _ => "grammar",
    };

    private static JsonNode? ValueOf(GrammarSource grammar) => grammar.Kind switch
    {
        GrammarKind.JsonObject => true,
        GrammarKind.JsonSchema or GrammarKind.Choice => JsonNode.Parse(grammar.Text),
        _ => grammar.Text,
    };

    /// <summary>A request as JSON.</summary>
    public static JsonObject Body(RunConditions conditions, LawRequest request, int[] prompt, bool stream)
    {
        SamplingParameters sampling = request.Sampling;
        var body = new JsonObject
        {
            ["model"] = conditions.Model,
            ["prompt"] = new JsonArray([.. prompt.Select(id => (JsonNode)id)]),
            ["max_tokens"] = request.MaxTokens,
            ["n"] = request.Choices,
            ["temperature"] = sampling.Temperature,
            ["top_k"] = sampling.TopK,
            ["top_p"] = sampling.TopP,
            ["min_p"] = sampling.MinP,
            ["repetition_penalty"] = sampling.RepetitionPenalty,
            ["presence_penalty"] = sampling.PresencePenalty,
            ["frequency_penalty"] = sampling.FrequencyPenalty,
            ["seed"] = unchecked((long)sampling.Seed),
            ["logit_bias"] = new JsonObject(sampling.LogitBias.Select(bias =>
                KeyValuePair.Create(bias.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)bias.Value))),
            ["logprobs"] = sampling.Logprobs ? 0 : null,
            ["ignore_eos"] = request.IsEndless,
            ["cache_prompt"] = conditions.PrefixCache,
            ["return_token_ids"] = true,
        };
        if (sampling.Grammar is { } grammar)
        {
            body["structured_outputs"] = new JsonObject { [FieldOf(grammar.Kind)] = ValueOf(grammar) };
        }
        if (request.Stops.Count > 0)
        {
            body["stop"] = new JsonArray([.. request.Stops.Select(stop => (JsonNode)stop)]);
        }
        if (conditions.DraftTokens is { } draftTokens)
        {
            body["speculation"] = new JsonObject
            {
                ["drafter"] = conditions.Drafter,
                ["draft_tokens"] = draftTokens,
                ["shape"] = conditions.Shape,
                ["rule"] = AcceptanceRules.NameOf(sampling.Rule),
            };
        }
        if (stream)
        {
            body["stream"] = true;
            body["stream_options"] = new JsonObject { ["include_usage"] = true };
        }
        return body;
    }

    /// <summary>Adds a response, or a part of it, to an outcome.</summary>
    public static void Take(LawOutcome outcome, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement response = document.RootElement;
        Assert.False(response.TryGetProperty("error", out _), $"{outcome.Request.Name}: the stream broke after {outcome.TokenCount} tokens: {json}");
        foreach (JsonElement choice in response.GetProperty("choices").EnumerateArray())
        {
            outcome.Add(
                choice.GetProperty("index").GetInt32(),
                choice.GetProperty("token_ids").EnumerateArray().Select(id => id.GetInt32()),
                !outcome.Request.Sampling.Logprobs ? [] : choice.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Select(logprob => logprob.GetSingle()),
                choice.GetProperty("finish_reason").GetString());
        }
        if (response.TryGetProperty("usage", out JsonElement usage))
        {
            JsonElement speculation = usage.GetProperty("speculation");
            outcome.AddCounts(
                speculation.GetProperty("steps").GetInt32(),
                speculation.GetProperty("drafted").GetInt32(),
                speculation.GetProperty("accepted").GetInt32(),
                usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
        }
    }
}
