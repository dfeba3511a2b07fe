using Google.Protobuf.Collections;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using V1 = Winnow.Contracts.V1;

namespace Winnow.GpuWorker.Wire;

/// <summary>Between the wire's step messages and the engine's batches. Ranges are the engine's to check; here only what cannot be represented.</summary>
public static class StepCodec
{
    /// <summary>The batch of a step message.</summary>
    public static StepBatch Decode(V1.StepMessage message)
    {
        StepBatch batch = new() { Epoch = message.Epoch, Step = message.Step, ExitMicros = message.ExitMicros };
        batch.Closes.AddRange(message.Closes);
        foreach (V1.SequenceOpen open in message.Opens)
        {
            batch.Opens.Add(Decode(open));
        }
        foreach (V1.BlockCopy copy in message.Copies)
        {
            batch.Copies.Add(new BlockCopy(copy.Source, copy.Destination));
        }
        foreach (V1.SequenceRows rows in message.Sequences)
        {
            batch.Sequences.Add(Decode(rows));
        }
        foreach (V1.SequenceResult dropped in message.Dropped)
        {
            batch.Dropped.Add(Decode(dropped));
        }
        return batch;
    }

    /// <summary>Puts what is left of a step's rows into its message, after an engine took some out.</summary>
    public static void ReplaceRows(V1.StepMessage message, StepBatch batch)
    {
        message.Sequences.Clear();
        foreach (SequenceRows rows in batch.Sequences)
        {
            message.Sequences.Add(Encode(rows));
        }
        message.Dropped.Clear();
        foreach (SequenceResult dropped in batch.Dropped)
        {
            message.Dropped.Add(Encode(dropped));
        }
        message.ExitMicros = batch.ExitMicros;
    }

    /// <summary>The message of a result.</summary>
    /// <param name="result">What the last shard answers.</param>
    /// <param name="computeMicros">Time the last shard took.</param>
    public static V1.StepResult Encode(StepResult result, long computeMicros)
    {
        V1.StepResult message = new()
        {
            Epoch = result.Epoch,
            Step = result.Step,
            ComputeMicros = computeMicros,
            HeadMicros = result.HeadMicros,
            ExitMicros = result.ExitMicros,
            Error = Encode(result.Error),
        };
        foreach (SequenceResult sequence in result.Sequences)
        {
            message.Sequences.Add(Encode(sequence));
        }
        return message;
    }

    /// <summary>The messages of what an early exit expects.</summary>
    public static IEnumerable<V1.Mirror> Encode(IReadOnlyList<DraftMirror> mirrors) => mirrors.Select(mirror => new V1.Mirror
    {
        Sequence = mirror.Sequence,
        Length = mirror.Length,
        PrefixHash = mirror.PrefixHash,
        Candidates = mirror.Candidates,
        Tokens = { mirror.Tokens },
        Scores = { mirror.Scores },
    });

    private static SequenceOpen Decode(V1.SequenceOpen open) => new()
    {
        Slot = open.Slot,
        Tokens = ToArray(open.Tokens),
        PromptTokens = open.PromptTokens,
        CachedTokens = open.CachedTokens,
        Blocks = ToArray(open.Blocks),
        Sampling = SamplingCodec.Decode(open.Sampling),
    };

    private static SequenceRows Decode(V1.SequenceRows rows) => new()
    {
        Slot = rows.Slot,
        BaseLength = rows.BaseLength,
        PrefixHash = rows.PrefixHash,
        Tokens = ToArray(rows.Tokens),
        KnownCount = rows.KnownCount,
        Parents = ToArray(rows.Parents),
        DraftLaws = LawCodec.Decode(rows.DraftLaws),
        Sample = rows.Sample,
        TruncateBlocks = rows.TruncateBlocks,
        NewBlocks = ToArray(rows.NewBlocks),
        KeepPath = ToArray(rows.KeepPath),
        HeadTokens = rows.HeadTokens,
        HeadWidth = rows.HeadWidth,
        HeadDepth = rows.HeadDepth,
        ExitTokens = rows.ExitTokens,
        ExitStop = rows.ExitStop,
        MirrorTokens = rows.MirrorTokens,
        ExitDrafted = rows.ExitDrafted,
        WantsCandidates = rows.Candidates,
    };

    private static SequenceResult Decode(V1.SequenceResult result) => new()
    {
        Slot = result.Slot,
        Tokens = ToArray(result.Tokens),
        Accepted = result.Accepted,
        Path = ToArray(result.Path),
        Error = result.Error is { } error ? new StepError(error.Type, error.Message) : null,
    };

    private static V1.SequenceRows Encode(SequenceRows rows) => new()
    {
        Slot = rows.Slot,
        BaseLength = rows.BaseLength,
        PrefixHash = rows.PrefixHash,
        Tokens = { rows.Tokens },
        KnownCount = rows.KnownCount,
        Parents = { rows.Parents },
        DraftLaws = { LawCodec.Encode(rows.DraftLaws) },
        Sample = rows.Sample,
        TruncateBlocks = rows.TruncateBlocks,
        NewBlocks = { rows.NewBlocks },
        KeepPath = { rows.KeepPath },
        HeadTokens = rows.HeadTokens,
        HeadWidth = rows.HeadWidth,
        HeadDepth = rows.HeadDepth,
        ExitTokens = rows.ExitTokens,
        ExitStop = rows.ExitStop,
        MirrorTokens = rows.MirrorTokens,
        ExitDrafted = rows.ExitDrafted,
        Candidates = rows.WantsCandidates,
    };

    private static V1.SequenceResult Encode(SequenceResult result)
    {
        V1.SequenceResult message = new()
        {
            Slot = result.Slot,
            Tokens = { result.Tokens },
            Accepted = result.Accepted,
            Path = { result.Path },
            HeadTokens = { result.HeadTokens },
            HeadParents = { result.HeadParents },
            HeadConfidences = { result.HeadConfidences },
            ExitDrafts = { result.ExitDrafts },
            Candidates = { result.Candidates },
            Error = Encode(result.Error),
        };
        foreach (TokenLogprobs logprobs in result.Logprobs)
        {
            message.Logprobs.Add(new V1.TokenLogprobs
            {
                Logprob = logprobs.Logprob,
                TopIds = { logprobs.TopIds },
                TopLogprobs = { logprobs.TopLogprobs },
            });
        }
        return message;
    }

    private static V1.ErrorDetail? Encode(StepError? error) =>
        error is null ? null : new V1.ErrorDetail { Type = error.Type, Message = error.Message };

    internal static int[] ToArray(RepeatedField<int> values)
    {
        if (values.Count == 0)
        {
            return [];
        }
        int[] array = new int[values.Count];
        values.CopyTo(array, 0);
        return array;
    }
}
