using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Streams;
using Winnow.Inference.Grammar;

namespace Winnow.Gateway.Api;

/// <summary>A request on its way: what every chunk of its answer repeats, and the choices to generate.</summary>
internal sealed record GenerationJob
{
    /// <summary>How ids of chat answers begin.</summary>
    public const string ChatPrefix = "chatcmpl-";

    /// <summary>How ids of completions begin.</summary>
    public const string CompletionPrefix = "cmpl-";

    public required string Id { get; init; }

    public required long Created { get; init; }

    public required ServedModel Model { get; init; }

    public required SamplingFields Shared { get; init; }

    public required IReadOnlyList<int[]> Prompts { get; init; }

    public required IReadOnlyList<GenerationRequest> Choices { get; init; }

    /// <summary>For a stream that is taken up again, where every choice goes on; otherwise empty.</summary>
    public IReadOnlyList<ChoiceResume> Resumes { get; init; } = [];

    /// <summary>What the client has of a stream that is taken up again; otherwise <see langword="null"/>.</summary>
    public StreamPosition? Told { get; init; }

    /// <summary>Choices of a stream that is taken up again whose further tokens are other ones than those of the run before, which <see cref="GenerationRequest.Run"/> names.</summary>
    public IReadOnlyList<GenerationRequest> NewRuns => [.. Choices.Where(IsNewRun)];

    /// <summary>
    /// Begins <see cref="NewRuns"/> in the session of a stream that is taken up again, for a caller that may go on, and gives the job as it is then; <see langword="null"/> where nothing
    /// is to be begun.
    /// </summary>
    public Func<CancellationToken, Task<GenerationJob>>? BeginRuns { get; init; }

    public ulong Seed => Shared.Sampling.Seed;

    public int PromptTokens => Prompts.Sum(prompt => prompt.Length);

    /// <summary>The job with the number that its <see cref="NewRuns"/> have got.</summary>
    public GenerationJob InRun(long run) => this with { Choices = [.. Choices.Select((choice, index) => IsNewRun(choice, index) ? choice with { Run = run } : choice)] };

    private bool IsNewRun(GenerationRequest choice, int index) => Told is not null && !choice.IsRepeatable && Resumes[index].Finish == FinishReason.None;

    /// <summary>Checks the limits and makes one generation per prompt and choice.</summary>
    /// <param name="kind">The endpoint.</param>
    /// <param name="model">Model to run.</param>
    /// <param name="prompts">Token ids of every prompt.</param>
    /// <param name="limit">Tokens to generate that were asked for.</param>
    /// <param name="shared">Sampling and the rest.</param>
    /// <param name="owner">Who asks, as <see cref="StreamOwner"/> says.</param>
    /// <param name="now">Creation time.</param>
    public static GenerationJob Create(
        StreamKind kind, ServedModel model, IReadOnlyList<int[]> prompts, TokenLimit limit, SamplingFields shared, string owner, DateTimeOffset now)
    {
        if (prompts.Count * shared.Choices > SamplingFields.MaxChoices)
        {
            throw ApiException.Invalid("n",
                $"n '{shared.Choices}' for each of '{prompts.Count}' prompts makes '{prompts.Count * shared.Choices}' choices; a request may have at most {SamplingFields.MaxChoices}. Send fewer prompts at once.");
        }
        var job = new GenerationJob
        {
            Id = (kind == StreamKind.Chat ? ChatPrefix : CompletionPrefix) + Guid.NewGuid().ToString("N"),
            Created = now.ToUnixTimeSeconds(),
            Model = model,
            Shared = shared,
            Prompts = prompts,
            Choices = [],
        };
        TokenGrammar? grammar = Compile(model, shared);
        var choices = new List<GenerationRequest>(prompts.Count * shared.Choices);
        foreach (int[] prompt in prompts)
        {
            int maxTokens = CheckLength(model, prompt.Length, kind == StreamKind.Chat ? "messages" : "prompt", limit);
            string? streamJson = shared.Stream ? job.Session(kind, maxTokens, owner).ToJson() : null;
            for (int choice = 0; choice < shared.Choices; choice++)
            {
                choices.Add(job.Choice(choices.Count, prompt, maxTokens, grammar) with { StreamJson = streamJson });
            }
        }
        return job with { Choices = choices };
    }

    /// <summary>One of the choices.</summary>
    /// <param name="index">Its place in the answer.</param>
    /// <param name="prompt">Its prompt.</param>
    /// <param name="maxTokens">Most tokens.</param>
    /// <param name="grammar">What its text must be.</param>
    public GenerationRequest Choice(int index, IReadOnlyList<int> prompt, int maxTokens, TokenGrammar? grammar) => new()
    {
        RequestId = Id,
        PromptTokens = prompt,
        MaxTokens = maxTokens,
        Index = index,
        Sampling = Shared.Sampling with { Choice = index % Shared.Choices, BannedTokens = Shared.IgnoreEos ? Model.Tokenizer.EndTokens : [] },
        StopTokens = Shared.IgnoreEos ? [] : Model.Tokenizer.EndTokens,
        Grammar = grammar,
        Speculation = Shared.Speculation,
        UsePrefixCache = Shared.CachePrompt,
        Priority = Shared.Priority,
        Content = Model.Content,
        VocabularySize = Model.Tokenizer.VocabularySize,
    };

    /// <summary>What all choices begin with.</summary>
    public IReadOnlyList<SessionHead> Heads() => Choices.Select(choice => choice.ToHead(Model.Name)).ToArray();

    private StreamSession Session(StreamKind kind, int maxTokens, string owner) => new()
    {
        Kind = kind,
        Created = Created,
        Owner = owner,
        Choices = Prompts.Count * Shared.Choices,
        ChoicesPerPrompt = Shared.Choices,
        MaxTokens = maxTokens,
        IgnoreEos = Shared.IgnoreEos,
        Stops = Shared.Stops,
        IncludeUsage = Shared.IncludeUsage,
        ReturnTokenIds = Shared.ReturnTokenIds,
        TokensAsIds = Shared.TokensAsIds,
        CachePrompt = Shared.CachePrompt,
        Speculation = Shared.Speculation,
        Priority = Shared.Priority,
        Content = Model.Content,
    };

    /// <summary>Compiles what the answer must be.</summary>
    /// <exception cref="ApiException">It cannot be compiled.</exception>
    public static TokenGrammar? Compile(ServedModel model, SamplingFields shared)
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
