using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;

namespace Winnow.Cli.Engine;

/// <summary>Generates through a gateway's <c>/v1/completions</c>, token ids in and out.</summary>
internal sealed class HttpGenerator(HttpClient client, string model) : IGenerator
{
    private const string DataPrefix = "data: ";
    private const string TokenPrefix = "token_id:";

    /// <inheritdoc />
    public async IAsyncEnumerable<GeneratedTokens> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(Body(request)) };
        using HttpResponseMessage response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new GenerationException(GenerationErrors.Internal, await ReadErrorAsync(response, cancellation));
        }
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellation);
        using var reader = new StreamReader(stream);
        GeneratedTokens? held = null;
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (!line.StartsWith(DataPrefix, StringComparison.Ordinal) || line.EndsWith("[DONE]", StringComparison.Ordinal))
            {
                continue;
            }
            using JsonDocument chunk = JsonDocument.Parse(line.AsMemory(DataPrefix.Length));
            // The last tokens are held until the usage has come, which has the counts of speculation.
            if (Read(chunk.RootElement, ref held) is { } step)
            {
                yield return step;
            }
        }
        yield return held ?? throw new GenerationException(GenerationErrors.Internal, "The gateway's stream ended without a finish reason.");
    }

    private JsonObject Body(GenerationRequest request)
    {
        SamplingParameters sampling = request.Sampling;
        var body = new JsonObject
        {
            ["model"] = model,
            ["prompt"] = new JsonArray([.. request.PromptTokens.Select(id => (JsonNode)id)]),
            ["max_tokens"] = request.MaxTokens,
            ["temperature"] = sampling.Temperature,
            ["top_k"] = sampling.TopK,
            ["top_p"] = sampling.TopP,
            ["min_p"] = sampling.MinP,
            ["repetition_penalty"] = sampling.RepetitionPenalty,
            ["presence_penalty"] = sampling.PresencePenalty,
            ["frequency_penalty"] = sampling.FrequencyPenalty,
            ["seed"] = unchecked((long)sampling.Seed),
            ["ignore_eos"] = request.StopTokens.Count == 0,
            ["cache_prompt"] = request.UsePrefixCache,
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
            ["return_token_ids"] = true,
        };
        if (sampling.Logprobs)
        {
            body["logprobs"] = sampling.TopLogprobs;
            body["return_tokens_as_token_ids"] = true;
        }
        if (request.Speculation != SpeculationOptions.Adaptive || sampling.Rule != AcceptanceRule.Coupled)
        {
            body["speculation"] = new JsonObject
            {
                ["drafter"] = request.Speculation.Drafter,
                ["shape"] = request.Speculation.Shape.ToString().ToLowerInvariant(),
                ["draft_tokens"] = request.Speculation.FixedDraftTokens,
                ["max_tokens"] = request.Speculation.MostDraftTokens,
                ["rule"] = AcceptanceRules.NameOf(sampling.Rule),
            };
        }
        return body;
    }

    private static GeneratedTokens? Read(JsonElement chunk, ref GeneratedTokens? held)
    {
        if (chunk.TryGetProperty("error", out JsonElement error))
        {
            throw new GenerationException(GenerationErrors.Internal, error.GetProperty("message").GetString() ?? "The stream broke.");
        }
        if (chunk.TryGetProperty("usage", out JsonElement usage) && held is not null)
        {
            JsonElement speculation = usage.GetProperty("speculation");
            held = held with { Drafted = speculation.GetProperty("drafted").GetInt32(), Accepted = speculation.GetProperty("accepted").GetInt32() };
            return null;
        }
        JsonElement choice = chunk.GetProperty("choices")[0];
        var step = new GeneratedTokens
        {
            Tokens = [.. choice.GetProperty("token_ids").EnumerateArray().Select(id => id.GetInt32())],
            Logprobs = ReadLogprobs(choice.GetProperty("logprobs")),
            Finish = choice.GetProperty("finish_reason").GetString() switch
            {
                null => FinishReason.None,
                "length" => FinishReason.Length,
                _ => FinishReason.Stop,
            },
        };
        if (step.Finish == FinishReason.None)
        {
            return step;
        }
        held = step;
        return null;
    }

    private static TokenLogprobs[] ReadLogprobs(JsonElement logprobs)
    {
        if (logprobs.ValueKind != JsonValueKind.Object)
        {
            return [];
        }
        JsonElement values = logprobs.GetProperty("token_logprobs");
        var read = new TokenLogprobs[values.GetArrayLength()];
        for (int i = 0; i < read.Length; i++)
        {
            JsonProperty[] top = [.. logprobs.GetProperty("top_logprobs")[i].EnumerateObject()];
            read[i] = new TokenLogprobs(
                values[i].GetSingle(),
                [.. top.Select(entry => int.Parse(entry.Name.AsSpan(TokenPrefix.Length), CultureInfo.InvariantCulture))],
                [.. top.Select(entry => entry.Value.GetSingle())]);
        }
        return read;
    }

    private static async Task<string> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        string text = await response.Content.ReadAsStringAsync(cancellation);
        try
        {
            using JsonDocument body = JsonDocument.Parse(text);
            return body.RootElement.GetProperty("error").GetProperty("message").GetString() ?? text;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"The gateway answered {(int)response.StatusCode}: {text}";
        }
    }
}
