using Microsoft.AspNetCore.Http;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Streams;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Api;

/// <summary>A stream as its session has it, ready to go on.</summary>
internal sealed class StoredStream
{
    private readonly SessionChoice[] _choices;
    private readonly StreamSession[] _sessions;
    private readonly SamplingParameters _sampling;

    private StoredStream(SessionChoice[] choices, StreamSession[] sessions, SamplingParameters sampling)
    {
        _choices = choices;
        _sessions = sessions;
        _sampling = sampling;
    }

    /// <summary>What belongs to the stream as a whole; the token limit is the first choice's.</summary>
    public StreamSession Session => _sessions[0];

    /// <summary>Name of its model.</summary>
    public string Model => _choices[0].Head.Model;

    /// <summary>Reads a session, or answers with <see langword="null"/> when it holds no stream, or not all of one.</summary>
    public static StoredStream? Read(SessionSnapshot snapshot)
    {
        SessionChoice[] choices = [.. snapshot.Choices.OrderBy(choice => choice.Head.Choice)];
        StreamSession?[] sessions = [.. choices.Select(choice => StreamSession.Read(choice.Head.StreamJson))];
        if (sessions.Length == 0 || sessions[0]?.Choices != choices.Length || Array.Exists(sessions, session => session is null))
        {
            return null;
        }
        bool isWhole = choices.Select((choice, index) => choice.Head.Choice == index && choice.Head.PromptTokens.Count >= 1).All(fits => fits);
        return isWhole && StreamSession.ReadSampling(choices[0].Head.SamplingJson) is { } sampling ? new StoredStream(choices, sessions!, sampling) : null;
    }

    /// <summary>Whether everything that its client has is known here, or comes once more by itself.</summary>
    /// <param name="told">What the client has.</param>
    public bool Follows(StreamPosition told) => IsRepeatable || Enumerable.Range(0, _choices.Length).All(choice => told.Tokens(choice) <= _choices[choice].Tokens.Count);

    /// <summary>Why it cannot go on behind what its client has, which is not known here and does not come again.</summary>
    /// <param name="told">What the client has.</param>
    public ApiException NotFollowing(StreamPosition told)
    {
        StreamPosition last = told.BackTo([.. _choices.Select(choice => choice.Tokens.Count)]);
        return new ApiException(StatusCodes.Status409Conflict, "invalid_request_error", "stream_not_resumable",
            $"The client is at '{told}' and the stream's session at '{last}', since the gateway that ran it was lost before it had written the rest; under the rule "
            + $"'{AcceptanceRules.NameOf(_sampling.Rule)}' the same tokens do not come twice. Throw away what came behind '{last}', and ask with that as Last-Event-ID.");
    }

    /// <summary>What is left of it, from where its client stands.</summary>
    /// <exception cref="ApiException">The model of that name has another content by now.</exception>
    /// <param name="model">Its model.</param>
    /// <param name="told">What the client has; <see cref="Follows"/> holds.</param>
    public GenerationJob ToJob(ServedModel model, StreamPosition told)
    {
        if (Session.Content.Length > 0 && model.Content.Length > 0 && Session.Content != model.Content)
        {
            throw new ApiException(StatusCodes.Status409Conflict, "invalid_request_error", "stream_not_resumable",
                $"The stream is of the content '{Session.Content}' of model '{model.Name}', and '{model.Content}' is served now; send the request again.");
        }
        var job = new GenerationJob
        {
            Id = _choices[0].Head.RequestId,
            Created = Session.Created,
            Model = model,
            Shared = Fields(),
            Prompts = [.. _choices.Where((_, index) => index % Session.ChoicesPerPrompt == 0).Select(choice => choice.Head.PromptTokens.ToArray())],
            Choices = [],
            Told = told,
        };
        TokenGrammar? grammar = GenerationJob.Compile(model, job.Shared);
        var requests = new GenerationRequest[_choices.Length];
        var resumes = new ChoiceResume[_choices.Length];
        for (int index = 0; index < requests.Length; index++)
        {
            int[] known = Known(index, told);
            requests[index] = job.Choice(index, job.Prompts[index / Session.ChoicesPerPrompt], _sessions[index].MaxTokens, grammar) with
            {
                StreamJson = _choices[index].Head.StreamJson,
                Run = _choices[index].Run,
                Generated = known,
                TakesOver = true,
            };
            resumes[index] = new ChoiceResume(told.Tokens(index), told.IsEnded(index), Finish(index, known));
        }
        return job with { Choices = requests, Resumes = resumes };
    }

    private bool IsRepeatable => AcceptanceRules.IsRepeatable(_sampling);

    // Log-probabilities are not kept: for tokens that the client lacks they are computed again, with the tokens.
    private int[] Known(int index, StreamPosition told)
    {
        IReadOnlyList<int> generated = _choices[index].Tokens;
        return [.. generated.Take(_sampling.Logprobs ? told.Tokens(index) : generated.Count)];
    }

    private FinishReason Finish(int index, int[] known)
    {
        SessionChoice choice = _choices[index];
        bool isAll = known.Length == choice.Tokens.Count;
        return choice.FinishReason is null || !isAll ? FinishReason.None : choice.FinishReason == "length" ? FinishReason.Length : FinishReason.Stop;
    }

    private SamplingFields Fields() => new()
    {
        Sampling = _sampling,
        Choices = Session.ChoicesPerPrompt,
        Stops = Session.Stops,
        IgnoreEos = Session.IgnoreEos,
        Stream = true,
        IncludeUsage = Session.IncludeUsage,
        ReturnTokenIds = Session.ReturnTokenIds,
        TokensAsIds = Session.TokensAsIds,
        CachePrompt = Session.CachePrompt,
        Speculation = Session.Speculation,
        Priority = Session.Priority,
        GrammarField = null,
    };
}
