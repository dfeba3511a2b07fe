namespace Winnow.Gateway.Coordination;

/// <summary>Decides whether a request can ever run on a replica.</summary>
internal static class Admission
{
    /// <summary>The error to refuse a request with, or <see langword="null"/> when it can run.</summary>
    public static GenerationException? Refusal(GenerationRequest request, PipelineShape shape)
    {
        if (request.Content.Length > 0 && shape.Content.Length > 0 && request.Content != shape.Content)
        {
            return new GenerationException(GenerationErrors.ModelChanged,
                $"The request was made for the model's content '{request.Content}', and '{shape.Content}' is served now; send it again.")
            { RetryAfter = TimeSpan.FromSeconds(1) };
        }
        int prompt = request.PromptTokens.Count;
        long total = (long)prompt + request.MaxTokens;
        if (prompt == 0 || request.MaxTokens < 1)
        {
            return new GenerationException(GenerationErrors.InvalidRequest,
                $"The prompt has '{prompt}' tokens and max_tokens is '{request.MaxTokens}'; both must be at least 1.");
        }
        if (total > shape.ContextTokens)
        {
            return new GenerationException(GenerationErrors.ContextExceeded, $"max_tokens '{request.MaxTokens}' plus prompt '{prompt}' exceeds the context of "
                + $"{shape.ContextTokens} tokens; {Remedy(shape.ContextTokens - prompt)}");
        }
        // The last token generated needs no key and value.
        long capacity = (long)shape.BlockCount * shape.BlockTokens;
        if (total - 1 > capacity)
        {
            return new GenerationException(GenerationErrors.ContextExceeded, $"max_tokens '{request.MaxTokens}' plus prompt '{prompt}' exceeds the KV cache of "
                + $"{shape.BlockCount} blocks of {shape.BlockTokens} tokens; {Remedy(capacity + 1 - prompt)}");
        }
        if (request.Generated.Count >= request.MaxTokens)
        {
            return new GenerationException(GenerationErrors.InvalidRequest,
                $"'{request.Generated.Count}' tokens were generated before and max_tokens is '{request.MaxTokens}'; there must be something left to generate.");
        }
        foreach (int token in request.PromptTokens.Concat(request.Generated))
        {
            if ((uint)token >= (uint)shape.VocabularySize)
            {
                return new GenerationException(GenerationErrors.InvalidRequest,
                    $"The request holds token id '{token}'; ids are from 0 to {shape.VocabularySize - 1}.");
            }
        }
        return null;
    }

    private static string Remedy(long room) => room > 0 ? $"lower max_tokens to at most {room}." : "shorten the prompt.";
}
