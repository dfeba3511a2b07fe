using Winnow.Gateway.Coordination;
using Winnow.Gateway.Serving;
using Winnow.Inference.Grammar;

namespace Winnow.Gateway.Api;

/// <summary>A request on its way: what every chunk of its answer repeats, and the choices to generate.</summary>
internal sealed record GenerationJob
{
    public required string Id { get; init; }

    public required long Created { get; init; }

    public required ServedModel Model { get; init; }

    public required SamplingFields Shared { get; init; }

    public required IReadOnlyList<int[]> Prompts { get; init; }

    public required IReadOnlyList<GenerationRequest> Choices { get; init; }

    public ulong Seed => Shared.Sampling.Seed;

    public int PromptTokens => Prompts.Sum(prompt => prompt.Length);

    /// <summary>Checks the limits and makes one generation per prompt and choice.</summary>
    /// <param name="idPrefix">Prefix of the response id.</param>
    /// <param name="model">Model to run.</param>
    /// <param name="prompts">Token ids of every prompt.</param>
    /// <param name="promptField">Field to blame when a prompt is too long.</param>
    /// <param name="limit">Tokens to generate that were asked for.</param>
    /// <param name="shared">Sampling and the rest.</param>
    /// <param name="now">Creation time.</param>
    public static GenerationJob Create(
        string idPrefix, ServedModel model, IReadOnlyList<int[]> prompts, string promptField, TokenLimit limit, SamplingFields shared, DateTimeOffset now)
    {
        if (prompts.Count * shared.Choices > SamplingFields.MaxChoices)
        {
            throw ApiException.Invalid("n",
                $"n '{shared.Choices}' for each of '{prompts.Count}' prompts makes '{prompts.Count * shared.Choices}' choices; a request may have at most {SamplingFields.MaxChoices}. Send fewer prompts at once.");
        }
        TokenGrammar? grammar = Compile(model, shared);
        string id = idPrefix + Guid.NewGuid().ToString("N");
        var choices = new List<GenerationRequest>(prompts.Count * shared.Choices);
        foreach (int[] prompt in prompts)
        {
            int maxTokens = CheckLength(model, prompt.Length, promptField, limit);
            for (int choice = 0; choice < shared.Choices; choice++)
            {
                choices.Add(new GenerationRequest
                {
                    RequestId = id,
                    PromptTokens = prompt,
                    MaxTokens = maxTokens,
                    Sampling = shared.Sampling with { Choice = choice, BannedTokens = shared.IgnoreEos ? model.Tokenizer.EndTokens : [] },
                    StopTokens = shared.IgnoreEos ? [] : model.Tokenizer.EndTokens,
                    Grammar = grammar,
                    Speculation = shared.Speculation,
                    UsePrefixCache = shared.CachePrompt,
                });
            }
        }
        return new GenerationJob { Id = id, Created = now.ToUnixTimeSeconds(), Model = model, Shared = shared, Prompts = prompts, Choices = choices };
    }

    private static TokenGrammar? Compile(ServedModel model, SamplingFields shared)
    {
        try
        {
            return shared.Sampling.Grammar is { } source ? model.Grammars.Compile(source) : null;
        }
        catch (GrammarException error)
        {
            throw ApiException.Invalid(shared.GrammarField, error.Message);
        }
    }

    private static int CheckLength(ServedModel model, int promptTokens, string promptField, TokenLimit limit)
    {
        int left = model.ContextTokens - promptTokens;
        if (left < 1)
        {
            throw ApiException.Invalid(promptField,
                $"The prompt has {promptTokens} tokens; the context of model '{model.Name}' is {model.ContextTokens} and one token must be left to generate. Shorten the prompt.",
                "context_length_exceeded");
        }
        if (limit.Tokens > left)
        {
            throw ApiException.Invalid(limit.Field,
                $"{limit.Field} '{limit.Tokens}' plus prompt '{promptTokens}' exceeds the context of model '{model.Name}' ({model.ContextTokens}); lower {limit.Field} to at most {left}.",
                "context_length_exceeded");
        }
        return limit.Tokens ?? left;
    }
}

/// <summary>Tokens to generate as a request asked for them.</summary>
/// <param name="Field">The field that said so.</param>
/// <param name="Tokens">How many, or <see langword="null"/> for what the context leaves.</param>
internal readonly record struct TokenLimit(string Field, int? Tokens);
