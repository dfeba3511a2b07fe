using System.Text.Json;
using Winnow.Inference.Tokenizers;

namespace Winnow.Gateway.Api;

/// <summary>A checked body of <c>POST /v1/completions</c>.</summary>
internal sealed record CompletionRequest
{
    private const int DefaultMaxTokens = 16;
    private const int MaxPrompts = 64;

    /// <summary>Token ids of every prompt.</summary>
    public required IReadOnlyList<int[]> Prompts { get; init; }

    /// <summary>Most tokens to generate.</summary>
    public required TokenLimit MaxTokens { get; init; }

    /// <summary>Fields shared with the chat endpoint.</summary>
    public required SamplingFields Shared { get; init; }

    /// <summary>Reads and checks the body; <c>model</c> has been read already.</summary>
    public static CompletionRequest Read(RequestFields fields, ITokenizer tokenizer)
    {
        fields.Refuse("suffix", "best_of");
        if (fields.GetBoolean("echo", false))
        {
            throw ApiException.Unsupported("echo", "'echo' is not supported; leave it out or send false.");
        }
        fields.Accept(SamplingFields.WithoutEffect);
        SamplingFields shared = SamplingFields.Read(fields, tokenizer.VocabularySize);
        int? logprobs = fields.GetInteger("logprobs", 0, 20);
        var request = new CompletionRequest
        {
            Prompts = ReadPrompts(fields, tokenizer),
            MaxTokens = new TokenLimit("max_tokens", fields.GetInteger("max_tokens", 1, int.MaxValue) ?? DefaultMaxTokens),
            Shared = shared with { Sampling = shared.Sampling with { Logprobs = logprobs is not null, TopLogprobs = logprobs ?? 0 } },
        };
        fields.RefuseUnknown();
        return request;
    }

    private static List<int[]> ReadPrompts(RequestFields fields, ITokenizer tokenizer)
    {
        if (!fields.TryGet("prompt", out JsonElement value))
        {
            throw ApiException.Invalid("prompt", "'prompt' is required: a string, an array of strings, or token ids.", "missing_required_parameter");
        }
        var prompts = new List<int[]>();
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value[0].ValueKind != JsonValueKind.Number)
        {
            foreach (JsonElement item in value.EnumerateArray())
            {
                prompts.Add(ReadPrompt(fields, item, tokenizer));
            }
        }
        else
        {
            prompts.Add(ReadPrompt(fields, value, tokenizer));
        }
        return prompts.Count <= MaxPrompts ? prompts : throw ApiException.Invalid("prompt", $"'prompt' holds {prompts.Count} prompts; at most {MaxPrompts} are allowed.");
    }

    private static int[] ReadPrompt(RequestFields fields, JsonElement value, ITokenizer tokenizer)
    {
        int[] tokens = value.ValueKind switch
        {
            JsonValueKind.String => tokenizer.Encode(value.GetString()!, addSpecial: true, parseSpecial: true),
            JsonValueKind.Array => ReadTokenIds(value, tokenizer.VocabularySize),
            _ => throw fields.WrongType("prompt", "a string, an array of strings, or token ids", value),
        };
        return tokens.Length > 0 ? tokens : throw ApiException.Invalid("prompt", "'prompt' has no tokens; give at least one.");
    }

    private static int[] ReadTokenIds(JsonElement value, int vocabularySize)
    {
        var tokens = new int[value.GetArrayLength()];
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out int token) || token < 0 || token >= vocabularySize)
            {
                throw ApiException.Invalid("prompt", $"'prompt' holds {RequestFields.Describe(item)}; token ids are integers from 0 to {vocabularySize - 1}.");
            }
            tokens[index++] = token;
        }
        return tokens;
    }
}
