using Winnow.Gateway.Coordination.Remote;
using Winnow.Inference.Sampling;
using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Coordination.Forwarding;

/// <summary>Between the generator's objects and the messages of coordinator.proto. What comes in is a peer's: it is checked here, or by the coordinator's admission.</summary>
internal static class GenerationCodec
{
    private const int MostChoices = 128;
    private const int MostStopTokens = 4096;
    private const int MostTextCharacters = 1 << 20;

    /// <summary>A request for another gateway.</summary>
    /// <param name="replica">Key of the replica.</param>
    /// <param name="model">Model name.</param>
    /// <param name="request">What to generate.</param>
    public static V1.GenerateRequest Encode(string replica, string model, GenerationRequest request)
    {
        var message = new V1.GenerateRequest
        {
            Replica = replica,
            Model = model,
            RequestId = request.RequestId,
            Index = request.Index,
            Prompt = { request.PromptTokens },
            Generated = { request.Generated },
            MaxTokens = request.MaxTokens,
            StopTokens = { request.StopTokens },
            Sampling = WireEncoder.Sampling(request.Sampling),
            Speculation = Encode(request.Speculation),
            UsePrefixCache = request.UsePrefixCache,
            TakesOver = request.TakesOver,
            Priority = request.Priority,
            Run = request.Run,
            Content = request.Content,
        };
        if (request.StreamJson is not null)
        {
            message.StreamJson = request.StreamJson;
        }
        return message;
    }

    /// <summary>A request of another gateway, without its compiled grammar.</summary>
    /// <exception cref="GenerationException">It is out of range.</exception>
    public static GenerationRequest Decode(V1.GenerateRequest message, int vocabularySize)
    {
        SamplingParameters sampling = WireDecoder.Sampling(message.Sampling);
        string[] problems =
        [
            .. sampling.Validate(vocabularySize).Select(problem => problem.Message),
            .. Problem(message.RequestId.Length is 0 or > MostChoices, $"The request id has '{message.RequestId.Length}' characters; 1 to {MostChoices} are allowed."),
            .. Problem(message.Index is < 0 or >= MostChoices, $"The choice is '{message.Index}'; 0 to {MostChoices - 1} are allowed."),
            .. Problem(message.Content.Length > MostChoices, $"The model's content has '{message.Content.Length}' characters; at most {MostChoices} are allowed."),
            .. Problem(message.Run < 0, $"The run is '{message.Run}'; 0 and more are allowed."),
            .. Problem(message.StopTokens.Count > MostStopTokens, $"There are '{message.StopTokens.Count}' stop tokens; at most {MostStopTokens} are allowed."),
            .. Problem(message.StreamJson.Length > MostTextCharacters, $"The stream's record has '{message.StreamJson.Length}' characters; at most {MostTextCharacters} are allowed."),
        ];
        return problems.Length > 0 ? throw new GenerationException(GenerationErrors.InvalidRequest, string.Join(' ', problems)) : new GenerationRequest
        {
            RequestId = message.RequestId,
            Index = message.Index,
            PromptTokens = WireDecoder.Array(message.Prompt),
            Generated = WireDecoder.Array(message.Generated),
            MaxTokens = message.MaxTokens,
            StopTokens = WireDecoder.Array(message.StopTokens),
            Sampling = sampling,
            Speculation = Decode(message.Speculation ?? new V1.Speculation()),
            UsePrefixCache = message.UsePrefixCache,
            TakesOver = message.TakesOver,
            Priority = message.Priority,
            Run = message.Run,
            Content = message.Content,
            StreamJson = message.HasStreamJson ? message.StreamJson : null,
        };
    }

    /// <summary>Tokens for another gateway.</summary>
    public static V1.GenerateReply Encode(GeneratedTokens tokens)
    {
        var message = new V1.GenerateReply
        {
            Tokens = { tokens.Tokens },
            Logprobs = { WireEncoder.Logprobs(tokens.Logprobs) },
            Drafted = tokens.Drafted,
            DraftDepth = tokens.DraftDepth,
            Accepted = tokens.Accepted,
            CachedPromptTokens = tokens.CachedPromptTokens,
            Finish = (V1.FinishReason)tokens.Finish,
        };
        if (tokens.Drafter is not null)
        {
            message.Drafter = tokens.Drafter;
        }
        return message;
    }

    /// <summary>Tokens of another gateway.</summary>
    /// <param name="message">What it says.</param>
    /// <param name="request">What it was asked for.</param>
    /// <param name="generated">Generated tokens before these.</param>
    /// <exception cref="InvalidDataException">They cannot be true.</exception>
    public static GeneratedTokens Decode(V1.GenerateReply message, GenerationRequest request, int generated)
    {
        if (!Fits(message, request, generated))
        {
            throw new InvalidDataException(
                $"The other gateway reports what cannot be: '{message.Tokens.Count}' tokens after '{generated}' of at most '{request.MaxTokens}', with ids from '{message.Tokens.DefaultIfEmpty().Min()}' "
                + $"to '{message.Tokens.DefaultIfEmpty().Max()}' of a vocabulary of '{request.VocabularySize}', '{message.Logprobs.Count}' log-probabilities, '{message.Accepted}' of '{message.Drafted}' draft tokens "
                + $"accepted from '{message.DraftDepth}' deep, '{message.CachedPromptTokens}' cached of '{request.PromptTokens.Count}' prompt tokens, and the end '{message.Finish}'.");
        }
        return new GeneratedTokens
        {
            Tokens = WireDecoder.Array(message.Tokens),
            Logprobs = WireDecoder.Logprobs(message.Logprobs),
            Drafted = message.Drafted,
            DraftDepth = message.DraftDepth,
            Accepted = message.Accepted,
            Drafter = message.HasDrafter ? message.Drafter : null,
            CachedPromptTokens = message.CachedPromptTokens,
            Finish = (FinishReason)message.Finish,
        };
    }

    private static bool Fits(V1.GenerateReply message, GenerationRequest request, int generated)
    {
        foreach (int token in message.Tokens)
        {
            if (token < 0 || (request.VocabularySize > 0 && token >= request.VocabularySize))
            {
                return false;
            }
        }
        return message.Tokens.Count >= 1 && message.Tokens.Count <= request.MaxTokens - generated
            && message.Logprobs.Count == (request.Sampling.Logprobs ? message.Tokens.Count : 0)
            && message.Drafted is >= 0 and <= SpeculationOptions.MaxTreeNodes
            && message.Accepted >= 0 && message.Accepted <= message.Drafted
            && message.DraftDepth >= 0 && message.DraftDepth <= message.Drafted
            && message.CachedPromptTokens >= 0 && message.CachedPromptTokens <= request.PromptTokens.Count
            && Enum.IsDefined((FinishReason)message.Finish);
    }

    private static V1.Speculation Encode(SpeculationOptions options)
    {
        var message = new V1.Speculation { MostTokens = options.MostDraftTokens, Shape = (V1.DraftShape)options.Shape };
        if (options.Drafter is not null)
        {
            message.Drafter = options.Drafter;
        }
        if (options.FixedDraftTokens is { } tokens)
        {
            message.FixedTokens = tokens;
        }
        return message;
    }

    // Speculation never changes tokens: what is out of range is cut.
    private static SpeculationOptions Decode(V1.Speculation message) => new()
    {
        Drafter = message.HasDrafter ? message.Drafter : null,
        FixedDraftTokens = message.HasFixedTokens ? Math.Clamp(message.FixedTokens, 0, SpeculationOptions.MaxTreeNodes) : null,
        MostDraftTokens = Math.Clamp(message.MostTokens, 0, SpeculationOptions.MaxDraftTokens),
        Shape = Enum.IsDefined((DraftShape)message.Shape) ? (DraftShape)message.Shape : DraftShape.Auto,
    };

    private static IEnumerable<string> Problem(bool isOne, string message) => isOne ? [message] : [];
}
