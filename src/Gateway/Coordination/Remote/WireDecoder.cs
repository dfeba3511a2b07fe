using Google.Protobuf.Collections;
using Winnow.Inference.Acceptance;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;
using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>
/// From the messages of worker.proto to the coordinator's objects. Only the form is taken over; whether the contents can be true is checked
/// where they are used.
/// </summary>
internal static class WireDecoder
{
    /// <summary>A step's result.</summary>
    public static StepResult Result(V1.StepResult message)
    {
        var result = new StepResult
        {
            Epoch = message.Epoch,
            Step = message.Step,
            ComputeMicros = message.ComputeMicros,
            HeadMicros = message.HeadMicros,
            ExitMicros = message.ExitMicros,
            Error = Error(message.Error),
        };
        foreach (V1.SequenceResult sequence in message.Sequences)
        {
            result.Sequences.Add(new SequenceResult
            {
                Slot = sequence.Slot,
                Tokens = Array(sequence.Tokens),
                Accepted = sequence.Accepted,
                Path = Array(sequence.Path),
                Logprobs = Logprobs(sequence.Logprobs),
                HeadTokens = Array(sequence.HeadTokens),
                HeadParents = Array(sequence.HeadParents),
                HeadConfidences = Array(sequence.HeadConfidences),
                ExitDrafts = Array(sequence.ExitDrafts),
                Candidates = Array(sequence.Candidates),
                Error = Error(sequence.Error),
            });
        }
        return result;
    }

    /// <summary>The proposals of a round.</summary>
    public static List<DraftProposal> Proposals(V1.DraftReply message)
    {
        var proposals = new List<DraftProposal>(message.Proposals.Count);
        foreach (V1.DraftProposal proposal in message.Proposals)
        {
            proposals.Add(new DraftProposal
            {
                Sequence = proposal.Sequence,
                NeedPrefix = proposal.NeedPrefix,
                Tokens = Array(proposal.Tokens),
                Parents = Array(proposal.Parents),
                Confidences = Array(proposal.Confidences),
                Laws = Laws(proposal.DraftLaws),
            });
        }
        return proposals;
    }

    private static DraftLaw?[] Laws(RepeatedField<V1.DraftLaw> messages)
    {
        if (messages.Count == 0)
        {
            return [];
        }
        var laws = new DraftLaw?[messages.Count];
        for (int i = 0; i < laws.Length; i++)
        {
            laws[i] = messages[i].Ids.Count == 0 ? null : new DraftLaw(Array(messages[i].Ids), Array(messages[i].Probabilities), Array(messages[i].Draws));
        }
        return laws;
    }

    /// <summary>Branches that were pushed.</summary>
    public static List<DraftBranch> Branches(V1.DraftReply message)
    {
        var branches = new List<DraftBranch>(message.Branches.Count);
        foreach (V1.DraftBranch branch in message.Branches)
        {
            branches.Add(new DraftBranch
            {
                Sequence = branch.Sequence,
                Length = branch.Length,
                PrefixHash = branch.PrefixHash,
                IsMirrored = branch.Mirrored,
                Tokens = Array(branch.Tokens),
            });
        }
        return branches;
    }

    /// <summary>What an early exit expects.</summary>
    public static List<DraftMirror> Mirrors(V1.StepAck message)
    {
        var mirrors = new List<DraftMirror>(message.Mirrors.Count);
        foreach (V1.Mirror mirror in message.Mirrors)
        {
            mirrors.Add(new DraftMirror(mirror.Sequence, mirror.Length, mirror.PrefixHash, mirror.Candidates, Array(mirror.Tokens), Array(mirror.Scores)));
        }
        return mirrors;
    }

    private static StepError? Error(V1.ErrorDetail? error) => error is null ? null : new StepError(error.Type, error.Message);

    /// <summary>Sampling parameters; a message that is not there means greedy.</summary>
    public static SamplingParameters Sampling(V1.SamplingParameters? message) => message is null ? SamplingParameters.Greedy : new SamplingParameters
    {
        Temperature = message.Temperature,
        TopK = message.TopK,
        TopP = message.TopP,
        MinP = message.MinP,
        RepetitionPenalty = message.RepetitionPenalty,
        PresencePenalty = message.PresencePenalty,
        FrequencyPenalty = message.FrequencyPenalty,
        LogitBias = message.LogitBias,
        BannedTokens = Array(message.BannedTokens),
        Seed = message.Seed,
        Choice = message.Choice,
        Logprobs = message.Logprobs,
        TopLogprobs = message.TopLogprobs,
        Rule = (AcceptanceRule)message.Rule,
        Grammar = message.Grammar is { } grammar ? new GrammarSource((GrammarKind)grammar.Kind, grammar.Text) : null,
    };

    /// <summary>Log-probabilities.</summary>
    public static TokenLogprobs[] Logprobs(RepeatedField<V1.TokenLogprobs> messages)
    {
        if (messages.Count == 0)
        {
            return [];
        }
        var logprobs = new TokenLogprobs[messages.Count];
        for (int i = 0; i < logprobs.Length; i++)
        {
            logprobs[i] = new TokenLogprobs(messages[i].Logprob, Array(messages[i].TopIds), Array(messages[i].TopLogprobs));
        }
        return logprobs;
    }

    /// <summary>A field's elements.</summary>
    public static T[] Array<T>(RepeatedField<T> field)
    {
        if (field.Count == 0)
        {
            return [];
        }
        var array = new T[field.Count];
        field.CopyTo(array, 0);
        return array;
    }
}
