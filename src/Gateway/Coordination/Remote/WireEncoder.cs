using Winnow.Inference.Acceptance;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;
using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>From the coordinator's objects to the messages of worker.proto.</summary>
internal static class WireEncoder
{
    /// <summary>A step for shard 0.</summary>
    public static V1.StepMessage Step(string replica, StepBatch batch)
    {
        var message = new V1.StepMessage { Replica = replica, Epoch = batch.Epoch, Step = batch.Step, Closes = { batch.Closes } };
        foreach (SequenceOpen open in batch.Opens)
        {
            message.Opens.Add(new V1.SequenceOpen
            {
                Slot = open.Slot,
                Tokens = { open.Tokens },
                PromptTokens = open.PromptTokens,
                CachedTokens = open.CachedTokens,
                Blocks = { open.Blocks },
                Sampling = Sampling(open.Sampling),
            });
        }
        foreach (BlockCopy copy in batch.Copies)
        {
            message.Copies.Add(new V1.BlockCopy { Source = copy.Source, Destination = copy.Destination });
        }
        foreach (SequenceRows rows in batch.Sequences)
        {
            message.Sequences.Add(Rows(rows));
        }
        return message;
    }

    /// <summary>A round of drafting.</summary>
    public static V1.DraftRequest Draft(string replica, long epoch, long round, IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes)
    {
        var message = new V1.DraftRequest { Replica = replica, Epoch = epoch, Round = round, Closes = { closes } };
        foreach (DraftQuery query in queries)
        {
            message.Sequences.Add(new V1.DraftSequence
            {
                Sequence = query.Sequence,
                KnownLength = query.KnownLength,
                PrefixHash = query.PrefixHash,
                NewTokens = { query.NewTokens },
                DraftTokens = query.DraftTokens,
                PromptTokens = query.PromptTokens,
                TreeWidth = query.TreeWidth,
                TreeDepth = query.TreeDepth,
                LeastChance = (float)query.LeastChance,
                Sampling = query.Sampling is null ? null : Sampling(query.Sampling with { Grammar = null }),
                Verifying = { query.Verifying },
                AheadTokens = query.AheadTokens,
                AheadMicros = (long)query.AheadTime.TotalMicroseconds,
            });
        }
        return message;
    }

    /// <summary>Likely corrections, which ask for no answer.</summary>
    public static V1.DraftRequest Mirrors(string replica, long epoch, IReadOnlyList<DraftMirror> mirrors) => new()
    {
        Replica = replica,
        Epoch = epoch,
        Mirrors =
        {
            mirrors.Select(mirror => new V1.Mirror
            {
                Sequence = mirror.Sequence,
                Length = mirror.Length,
                PrefixHash = mirror.PrefixHash,
                Candidates = mirror.Candidates,
                Tokens = { mirror.Tokens },
                Scores = { mirror.Scores },
            }),
        },
    };

    /// <summary>Log-probabilities.</summary>
    public static IEnumerable<V1.TokenLogprobs> Logprobs(IReadOnlyList<TokenLogprobs> logprobs) => logprobs.Select(entry => new V1.TokenLogprobs
    {
        Logprob = entry.Logprob,
        TopIds = { entry.TopIds },
        TopLogprobs = { entry.TopLogprobs },
    });

    private static V1.SequenceRows Rows(SequenceRows rows) => new()
    {
        Slot = rows.Slot,
        BaseLength = rows.BaseLength,
        PrefixHash = rows.PrefixHash,
        Tokens = { rows.Tokens },
        KnownCount = rows.KnownCount,
        Parents = { rows.Parents },
        DraftLaws = { Array.ConvertAll(rows.DraftLaws, Law) },
        Sample = rows.Sample,
        NewBlocks = { rows.NewBlocks },
        TruncateBlocks = rows.TruncateBlocks,
        KeepPath = { rows.KeepPath },
        HeadTokens = rows.HeadTokens,
        HeadWidth = rows.HeadWidth,
        HeadDepth = rows.HeadDepth,
        ExitTokens = rows.ExitTokens,
        ExitStop = rows.ExitStop,
        Candidates = rows.WantsCandidates,
        MirrorTokens = rows.MirrorTokens,
    };

    private static V1.DraftLaw Law(DraftLaw? law) =>
        law is null ? new V1.DraftLaw() : new V1.DraftLaw { Ids = { law.Ids }, Probabilities = { law.Probabilities }, Draws = { law.Draws } };

    /// <summary>Sampling parameters.</summary>
    public static V1.SamplingParameters Sampling(SamplingParameters sampling)
    {
        var message = new V1.SamplingParameters
        {
            Temperature = sampling.Temperature,
            TopK = sampling.TopK,
            TopP = sampling.TopP,
            MinP = sampling.MinP,
            RepetitionPenalty = sampling.RepetitionPenalty,
            PresencePenalty = sampling.PresencePenalty,
            FrequencyPenalty = sampling.FrequencyPenalty,
            Seed = sampling.Seed,
            Choice = sampling.Choice,
            TopLogprobs = sampling.TopLogprobs,
            Logprobs = sampling.Logprobs,
            BannedTokens = { sampling.BannedTokens },
            Rule = (V1.AcceptanceRule)sampling.Rule,
            Grammar = sampling.Grammar is { } grammar ? new V1.Grammar { Kind = (V1.GrammarKind)grammar.Kind, Text = grammar.Text } : null,
        };
        foreach (KeyValuePair<int, float> bias in sampling.LogitBias)
        {
            message.LogitBias.Add(bias.Key, bias.Value);
        }
        return message;
    }
}
