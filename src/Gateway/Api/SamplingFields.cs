using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Winnow.Gateway.Admission;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Drafting;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Api;

/// <summary>The fields that both completion endpoints share: sampling, limits, stops, streaming and speculation.</summary>
internal sealed record SamplingFields
{
    /// <summary>Most choices of one request, over all its prompts.</summary>
    public const int MaxChoices = 128;

    /// <summary>Fields of OpenAI's API that change nothing here and are accepted.</summary>
    public static readonly string[] WithoutEffect =
        ["user", "metadata", "store", "service_tier", "parallel_tool_calls", "safety_identifier", "prompt_cache_key", "modalities"];

    private const int MaxStops = 16;
    private const int MaxStopCharacters = 1024;
    private const int MaxBias = 1024;
    private const int MaxPriority = 1_000_000;

    /// <summary>Parameters without choice index; the seed is filled in.</summary>
    public required SamplingParameters Sampling { get; init; }

    /// <summary>Choices per prompt.</summary>
    public required int Choices { get; init; }

    /// <summary>Stop strings.</summary>
    public required IReadOnlyList<string> Stops { get; init; }

    /// <summary>Never end on the model's end tokens.</summary>
    public required bool IgnoreEos { get; init; }

    /// <summary>Answer by server-sent events.</summary>
    public required bool Stream { get; init; }

    /// <summary>Send a last event with the usage.</summary>
    public required bool IncludeUsage { get; init; }

    /// <summary>Put token ids into the response, as vLLM does.</summary>
    public required bool ReturnTokenIds { get; init; }

    /// <summary>Write tokens in log-probabilities as <c>token_id:N</c>, as vLLM does.</summary>
    public required bool TokensAsIds { get; init; }

    /// <summary>Reuse keys and values of earlier prompts, as in llama.cpp's server.</summary>
    public required bool CachePrompt { get; init; }

    /// <summary>How to speculate.</summary>
    public required SpeculationOptions Speculation { get; init; }

    /// <summary>Who goes first where not all can; lower is more urgent, within what the caller may ask for.</summary>
    public int Priority { get; init; }

    /// <summary>Seconds that the request may take, or <see langword="null"/>.</summary>
    public float? TimeoutSeconds { get; init; }

    /// <summary>The field that says what the answer must be, or <see langword="null"/>.</summary>
    public required string? GrammarField { get; init; }

    /// <summary>Reads the shared fields.</summary>
    public static SamplingFields Read(RequestFields fields, int vocabularySize)
    {
        bool stream = fields.GetBoolean("stream", false);
        (SpeculationOptions speculation, AcceptanceRule rule) = SpeculationFields.Read(fields);
        (GrammarSource Source, string Field)? grammar = GrammarFields.Read(fields);
        if (grammar is null && speculation.Drafter == DrafterNames.Forced)
        {
            throw ApiException.Invalid("speculation.drafter", "'speculation.drafter' is 'forced', which drafts what a grammar leaves no choice about, and the request has none; "
                + "give it 'response_format' or 'structured_outputs', or another drafter.");
        }
        return new SamplingFields
        {
            Sampling = new SamplingParameters
            {
                Temperature = fields.GetNumber("temperature", 1, 0, 2),
                TopK = ReadTopK(fields),
                // The smallest number above 0 keeps the likeliest token alone, which is what 0 asks for.
                TopP = Math.Max(float.Epsilon, fields.GetNumber("top_p", 1, 0, 1)),
                MinP = fields.GetNumber("min_p", 0, 0, 1),
                RepetitionPenalty = fields.GetNumber("repetition_penalty", 1, 0.01f, 10),
                PresencePenalty = fields.GetNumber("presence_penalty", 0, -2, 2),
                FrequencyPenalty = fields.GetNumber("frequency_penalty", 0, -2, 2),
                LogitBias = ReadBias(fields, vocabularySize),
                Seed = fields.GetSeed("seed") ?? DrawSeed(),
                Rule = rule,
                Grammar = grammar?.Source,
            },
            Choices = fields.GetInteger("n", 1, MaxChoices) ?? 1,
            Stops = ReadStops(fields),
            IgnoreEos = fields.GetBoolean("ignore_eos", false),
            Stream = stream,
            IncludeUsage = ReadIncludeUsage(fields, stream),
            ReturnTokenIds = fields.GetBoolean("return_token_ids", false),
            TokensAsIds = fields.GetBoolean("return_tokens_as_token_ids", false),
            CachePrompt = fields.GetBoolean("cache_prompt", true),
            Priority = fields.GetInteger("priority", -MaxPriority, MaxPriority) ?? 0,
            TimeoutSeconds = fields.TryGet("timeout", out _) ? fields.GetNumber("timeout", 0, RequestDeadline.MinSeconds, RequestDeadline.MaxSeconds) : null,
            Speculation = speculation,
            GrammarField = grammar?.Field,
        };
    }

    private static ulong DrawSeed()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        // 53 bits survive every JSON reader, so the seed that is returned can be sent again.
        return BitConverter.ToUInt64(bytes) >> 11;
    }

    private static int ReadTopK(RequestFields fields) => Math.Max(0, fields.GetInteger("top_k", -1, int.MaxValue) ?? 0);

    private static Dictionary<int, float> ReadBias(RequestFields fields, int vocabularySize)
    {
        var bias = new Dictionary<int, float>();
        if (!fields.TryGet("logit_bias", out JsonElement value))
        {
            return bias;
        }
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw fields.WrongType("logit_bias", "an object from token ids to numbers", value);
        }
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (!int.TryParse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int token) || token >= vocabularySize)
            {
                throw ApiException.Invalid("logit_bias", $"'logit_bias' has the key '{property.Name}'; keys must be token ids from 0 to {vocabularySize - 1}.");
            }
            if (property.Value.ValueKind != JsonValueKind.Number || Math.Abs(property.Value.GetDouble()) > 100)
            {
                throw ApiException.Invalid("logit_bias", $"'logit_bias' for token '{token}' is {RequestFields.Describe(property.Value)}; it must be a number from -100 to 100.");
            }
            bias[token] = (float)property.Value.GetDouble();
        }
        return bias.Count <= MaxBias ? bias : throw ApiException.Invalid("logit_bias", $"'logit_bias' has {bias.Count} entries; at most {MaxBias} are allowed.");
    }

    private static List<string> ReadStops(RequestFields fields)
    {
        var stops = new List<string>();
        if (!fields.TryGet("stop", out JsonElement value))
        {
            return stops;
        }
        if (value.ValueKind == JsonValueKind.String)
        {
            stops.Add(value.GetString()!);
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in value.EnumerateArray())
            {
                stops.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : throw fields.WrongType("stop", "a string or an array of strings", item));
            }
        }
        else
        {
            throw fields.WrongType("stop", "a string or an array of strings", value);
        }
        if (stops.Count > MaxStops || stops.Exists(stop => stop.Length is 0 or > MaxStopCharacters))
        {
            throw ApiException.Invalid("stop", $"'stop' must hold at most {MaxStops} strings of 1 to {MaxStopCharacters} characters.");
        }
        return stops;
    }

    private static bool ReadIncludeUsage(RequestFields fields, bool stream)
    {
        if (!fields.TryGet("stream_options", out JsonElement value))
        {
            return false;
        }
        if (!stream)
        {
            throw ApiException.Invalid("stream_options", "'stream_options' is only allowed when 'stream' is true.");
        }
        var options = new RequestFields(value, "stream_options.");
        bool include = options.GetBoolean("include_usage", false);
        options.Accept("include_obfuscation");
        options.RefuseUnknown();
        return include;
    }
}
