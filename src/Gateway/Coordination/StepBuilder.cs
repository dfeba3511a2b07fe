using System.Diagnostics;
using System.Runtime.InteropServices;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Coordination;

/// <summary>
/// Writes one step: decodes with their drafts first, then prompt chunks, within the row budget. Every row's blocks are there before it is sent.
/// </summary>
internal sealed class StepBuilder
{
    private static readonly Comparison<RunningSequence> MostUrgentFirst = static (a, b) => a.CompareUrgency(b);
    private readonly RunningBatch _batch;
    private readonly CoordinatorOptions _options;
    private int _freeScratch;

    /// <summary>Builds steps for a batch.</summary>
    public StepBuilder(RunningBatch batch, CoordinatorOptions options)
    {
        _batch = batch;
        _options = options;
    }

    /// <summary>Builds a step of a group's sequences; those that find no memory are left out and stay ready.</summary>
    /// <param name="group">Sequences to run, none of them in flight but with chunks of its prompt; sorted by this method.</param>
    /// <param name="epoch">Fencing epoch.</param>
    /// <param name="step">Step number.</param>
    /// <param name="sent">Receives the sequences of the step, in its order.</param>
    /// <returns>The step, or <see langword="null"/> when no sequence can run.</returns>
    public StepBatch? Build(List<RunningSequence> group, long epoch, long step, List<RunningSequence> sent)
    {
        group.Sort(MostUrgentFirst);
        var batch = new StepBatch { Epoch = epoch, Step = step };
        int budget = _options.MaxStepTokens;
        _freeScratch = FreeScratch();
        foreach (RunningSequence sequence in group)
        {
            if (sequence.Phase == SequencePhase.Running && sequence.KnownCount == 1 && budget > 0 && TryMakeRoom(sequence, budget))
            {
                budget -= Add(batch, sequence, 1);
                sent.Add(sequence);
            }
        }
        foreach (RunningSequence sequence in group)
        {
            if (sequence.Phase == SequencePhase.Running && sequence.KnownCount > 1 && budget > 0)
            {
                sequence.Drafts.Clear();
                sequence.ExitTokens = 0;
                budget -= Add(batch, sequence, Math.Min(sequence.UnsentCount, Math.Min(_options.PrefillChunkTokens, budget)));
                sent.Add(sequence);
            }
        }
        if (sent.Count == 0)
        {
            return null;
        }
        _batch.TakeCloses(batch.Closes);
        return batch;
    }

    // The committed token's row may pause less urgent sequences; drafts take only what is there.
    private bool TryMakeRoom(RunningSequence sequence, int budget)
    {
        sequence.PruneDrafts();
        DraftTree drafts = sequence.Drafts;
        int length = sequence.KvLength + 1;
        // Its own scratch rows come back before its drafts take theirs; those of sequences that follow in the step do not.
        int scratch = _freeScratch + ScratchOf(sequence);
        drafts.Cut(budget - 1, others: scratch);
        int exit = drafts.Count == 0 ? Math.Min(sequence.ExitTokens, budget - 1) : 0;
        if (drafts.Count > 0 && !_batch.TryGrow(sequence, length + drafts.ChainLength, mayPause: false))
        {
            drafts.Cut(drafts.Count, chain: Math.Max(0, (sequence.Blocks.Count * _batch.Shape!.BlockTokens) - length));
        }
        if (exit > 0 && !_batch.TryGrow(sequence, length + exit, mayPause: false))
        {
            exit = Math.Max(0, (sequence.Blocks.Count * _batch.Shape!.BlockTokens) - length);
        }
        sequence.ExitTokens = exit;
        if (!_batch.TryGrow(sequence, length, mayPause: true))
        {
            return false;
        }
        _freeScratch = scratch - (drafts.Count - drafts.ChainLength);
        return true;
    }

    private int FreeScratch()
    {
        int free = _batch.Shape!.ScratchTokens;
        foreach (RunningSequence sequence in _batch.Running)
        {
            free -= ScratchOf(sequence);
        }
        return free;
    }

    private static int ScratchOf(RunningSequence sequence) => sequence.Sent.Count - sequence.Sent.ChainLength;

    private int Add(StepBatch batch, RunningSequence sequence, int known)
    {
        Debug.Assert(sequence.UnsentCount >= known, "a token is in at most one step in flight");
        int[] newBlocks = [];
        int truncate = 0;
        if (!sequence.IsOpen)
        {
            batch.Opens.Add(Open(sequence));
        }
        else
        {
            truncate = sequence.KeptBlocks < sequence.SentBlocks ? sequence.KeptBlocks : 0;
            newBlocks = NewBlocks(sequence);
        }
        DraftTree drafts = sequence.Drafts;
        var tokens = new int[known + drafts.Count];
        sequence.Tokens.Slice(sequence.SentLength, known).CopyTo(tokens);
        drafts.Tokens.CopyTo(tokens.AsSpan(known));
        var rows = new SequenceRows
        {
            Slot = sequence.Slot,
            BaseLength = sequence.SentLength,
            PrefixHash = sequence.SentHash,
            Tokens = tokens,
            KnownCount = known,
            Parents = drafts.IsChain ? [] : Parents(drafts, known),
            DraftLaws = drafts.Count < sequence.DraftLaws.Length ? sequence.DraftLaws[..drafts.Count] : sequence.DraftLaws,
            Sample = known == sequence.UnsentCount,
            TruncateBlocks = truncate,
            NewBlocks = newBlocks,
            KeepPath = sequence.KeepPath,
            HeadTokens = known == sequence.KnownCount ? sequence.HeadTokens : 0,
            HeadWidth = sequence.HeadWidth,
            HeadDepth = sequence.HeadDepth,
            ExitTokens = sequence.ExitTokens,
            MirrorTokens = known == 1 && drafts.IsChain ? sequence.MirrorTokens : 0,
            ExitStop = sequence.Request.Speculation.FixedDraftTokens is null ? _options.ExitConfidence : 0,
            WantsCandidates = sequence.WantsCandidates,
        };
        BatchInvariants.AssertSent(sequence, rows, _batch.Blocks, _batch.Shape!.BlockTokens);
        batch.Sequences.Add(rows);
        MarkSent(sequence, known, batch.Step);
        return tokens.Length + sequence.SentExitTokens;
    }

    // Most decodes need none.
    private static int[] NewBlocks(RunningSequence sequence) =>
        sequence.KeptBlocks == sequence.Blocks.Count ? [] : CollectionsMarshal.AsSpan(sequence.Blocks)[sequence.KeptBlocks..].ToArray();

    // The root is the last of the known tokens.
    private static int[] Parents(DraftTree drafts, int known)
    {
        int[] parents = drafts.Parents.ToArray();
        foreach (ref int parent in parents.AsSpan())
        {
            parent += known;
        }
        return parents;
    }

    private static SequenceOpen Open(RunningSequence sequence) => new()
    {
        Slot = sequence.Slot,
        Tokens = sequence.Tokens.ToArray(),
        PromptTokens = sequence.PromptCount,
        CachedTokens = sequence.KvLength,
        Blocks = [.. sequence.Blocks],
        Sampling = sequence.Request.Sampling,
    };

    private static void MarkSent(RunningSequence sequence, int known, long step)
    {
        sequence.IsOpen = true;
        sequence.BeginStep(known);
        sequence.SentDrafter = sequence.Drafts.Count > 0 || sequence.ExitTokens > 0 ? sequence.Drafter : null;
        (sequence.SentExitTokens, sequence.ExitTokens) = (sequence.ExitTokens, 0);
        sequence.SendDrafts();
        sequence.DraftLaws = [];
        sequence.HasDrafts = false;
        sequence.LastStep = step;
        sequence.SentBlocks = sequence.KeptBlocks = sequence.Blocks.Count;
    }
}
