using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Winnow.Gateway.Coordination.Drafting;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Grammar;

namespace Winnow.Gateway.Coordination;

/// <summary>
/// Applies what came back from a step to its sequences: commits tokens one by one, ends, restarts or fails sequences. Owned by the loop.
/// </summary>
internal sealed partial class StepCommitter
{
    private readonly RunningBatch _batch;
    private readonly Speculator _speculator;
    private readonly CheckpointPolicy _checkpoints;
    private readonly CoordinatorInstruments _instruments;
    private readonly CoordinatorOptions _options;
    private readonly QueuePace _queuePace;
    private readonly ILogger _logger;

    /// <summary>Commits to a batch.</summary>
    public StepCommitter(
        RunningBatch batch,
        Speculator speculator,
        CheckpointPolicy checkpoints,
        CoordinatorOptions options,
        CoordinatorInstruments instruments,
        QueuePace queuePace,
        ILogger logger)
    {
        _queuePace = queuePace;
        _batch = batch;
        _speculator = speculator;
        _checkpoints = checkpoints;
        _options = options;
        _instruments = instruments;
        _logger = logger;
    }

    /// <summary>Draft tokens verified so far.</summary>
    public long Drafted { get; private set; }

    /// <summary>Draft tokens accepted so far.</summary>
    public long Accepted { get; private set; }

    /// <summary>Tokens generated so far.</summary>
    public long Generated { get; private set; }

    /// <summary>Applies a sequence's result, or its absence.</summary>
    public void Commit(RunningSequence sequence, SequenceResult? result)
    {
        sequence.EndStep();
        StepError? error = sequence.Fault ?? (result is null
            ? new StepError(WorkerFaults.MissingResult, $"The step's result leaves out slot '{sequence.Slot}'.")
            : result.Error ?? Check(sequence, result));
        if (sequence.IsCancelled || error is not null)
        {
            GiveUp(sequence, error);
            return;
        }
        sequence.Retries = 0;
        if (!sequence.SentSample)
        {
            sequence.AdvanceKv(sequence.KvLength + sequence.SentKnown);
            _batch.Settle(sequence);
            return;
        }
        CommitTokens(sequence, result!);
    }

    /// <summary>A step with the sequence failed as a whole.</summary>
    public void Fail(RunningSequence sequence, StepError error)
    {
        sequence.EndStep();
        GiveUp(sequence, sequence.Fault ?? error);
    }

    // Tries a sequence again from its tokens, or fails it after too many times; its blocks are not touched while other steps of it are in flight.
    private void GiveUp(RunningSequence sequence, StepError? error)
    {
        if (sequence.InFlight)
        {
            sequence.Fault = error;
            return;
        }
        sequence.Fault = null;
        if (sequence.IsCancelled || error is null)
        {
            End(sequence, error: null);
        }
        else if (error.Type == StepErrorTypes.GrammarFailed)
        {
            // The same tokens would fail in the same way again.
            End(sequence, new GenerationException(GenerationErrors.GrammarFailed, $"The generation cannot go on after '{sequence.Generated}' tokens: {error.Message}"));
        }
        else if (++sequence.Retries > _options.MaxRetries)
        {
            SequenceFailed(_logger, sequence.Request.RequestId, sequence.Request.Sampling.Choice, error.Type, error.Message);
            string message = $"The generation failed after '{sequence.Generated}' tokens ({error.Type}: {error.Message})";
            End(sequence, new GenerationException(GenerationErrors.Internal, message));
        }
        else
        {
            _checkpoints.Leave(sequence);
            SequenceRestarted(_logger, sequence.Request.RequestId, sequence.Request.Sampling.Choice, error.Type, error.Message);
            _batch.Restart(sequence);
        }
    }

    /// <summary>Ends a sequence that is not in flight and lets its client know.</summary>
    public void End(RunningSequence sequence, GenerationException? error)
    {
        _checkpoints.Leave(sequence);
        _batch.End(sequence);
        _speculator.Close(sequence);
        _queuePace.Ended();
        sequence.Output.Writer.TryComplete(error);
    }

    // A result is a peer's message: it counts only when it can be true.
    private StepError? Check(RunningSequence sequence, SequenceResult result)
    {
        if (!sequence.TakeExitDrafts(result.ExitDrafts, _batch.Shape!.VocabularySize))
        {
            return new StepError(WorkerFaults.BadResult, $"Slot '{sequence.Slot}' reports '{result.ExitDrafts.Length}' drafts of its early exit that were not asked for or are no tokens.");
        }
        int expected = sequence.SentSample ? result.Accepted + 1 : 0;
        if (result.Tokens.Length != expected || result.Accepted < 0 || result.Accepted > sequence.SentDrafts)
        {
            return new StepError(WorkerFaults.BadResult, $"Slot '{sequence.Slot}' reports '{result.Tokens.Length}' tokens and '{result.Accepted}' accepted of "
                + $"'{sequence.SentDrafts}' drafts.");
        }
        if (sequence.Sent.Follow(result.Tokens.AsSpan(0, result.Accepted), out _) != result.Accepted)
        {
            return new StepError(WorkerFaults.BadResult, $"Slot '{sequence.Slot}' reports accepted tokens that are not its drafts.");
        }
        if (expected > 0 && (uint)result.Tokens[^1] >= (uint)_batch.Shape!.VocabularySize)
        {
            return new StepError(WorkerFaults.BadResult, $"Slot '{sequence.Slot}' reports token '{result.Tokens[^1]}'; ids are below {_batch.Shape.VocabularySize}.");
        }
        bool fits = result.Logprobs.Length == (sequence.Request.Sampling.Logprobs ? expected : result.Logprobs.Length);
        return fits ? CheckGrammar(sequence, result.Tokens) : new StepError(WorkerFaults.BadResult, $"Slot '{sequence.Slot}' reports '{result.Logprobs.Length}' log-probabilities for '{expected}' tokens.");
    }

    // What lies behind a complete text is dropped, whatever it is.
    private static StepError? CheckGrammar(RunningSequence sequence, int[] tokens)
    {
        GrammarState? state = sequence.Grammar;
        try
        {
            for (int i = 0; i < tokens.Length && state is { IsFinished: false }; i++)
            {
                state = state.Advance(tokens[i]);
                if (state is null)
                {
                    return new StepError(WorkerFaults.BadResult, $"Slot '{sequence.Slot}' reports token '{tokens[i]}', which its grammar refuses.");
                }
            }
            return null;
        }
        catch (GrammarException exception)
        {
            return new StepError(StepErrorTypes.GrammarFailed, exception.Message);
        }
    }

    // I8: token by token on what is committed; what lies beyond the end is dropped and never reported.
    private void CommitTokens(RunningSequence sequence, SequenceResult result)
    {
        int stored = sequence.KvLength + sequence.SentKnown + result.Accepted;
        _speculator.Chooser.TakeCandidates(sequence, result.Candidates);
        var finish = FinishReason.None;
        int before = sequence.Count;
        int kept = 0;
        while (kept < result.Tokens.Length && finish == FinishReason.None)
        {
            int token = result.Tokens[kept++];
            sequence.Append(token);
            finish = FinishAfter(sequence, token);
        }
        sequence.AdvanceKv(Math.Min(stored, sequence.Count));
        sequence.KeepPath = PathToKeep(sequence.Sent, result.Tokens.AsSpan(0, result.Accepted), sequence.SentKnown);
        BatchInvariants.AssertCommitted(sequence, before, kept, result.Accepted, finish != FinishReason.None);
        int accepted = Math.Min(result.Accepted, kept);
        _speculator.Chooser.Observe(sequence, result.Tokens, result.Accepted);
        _speculator.Chooser.TakeHeadGuess(sequence, result);
        Drafted += sequence.SentDrafts;
        Accepted += accepted;
        Generated += kept;
        sequence.SentDrafter?.Instruments.Verified(sequence.SentDrafts, accepted);
        _batch.Settle(sequence);
        Report(sequence, result, kept, accepted, finish);
        _checkpoints.Consider(sequence, finish);
        if (finish != FinishReason.None)
        {
            End(sequence, error: null);
        }
    }

    // Indices into the step's tokens. Siblings differ, so that the tokens tell the path.
    private static int[] PathToKeep(DraftTree sent, ReadOnlySpan<int> accepted, int known)
    {
        if (sent.IsChain || accepted.IsEmpty)
        {
            return [];
        }
        var path = new int[accepted.Length];
        int chain = 0;
        int node = DraftTree.Root;
        for (int i = 0; i < path.Length; i++)
        {
            int child = sent.ChildOf(node, accepted[i]);
            chain += chain == i && sent.IsFirstChild(child) ? 1 : 0;
            path[i] = known + child;
            node = child;
        }
        return chain == path.Length ? [] : path;
    }

    private static FinishReason FinishAfter(RunningSequence sequence, int token)
    {
        IReadOnlyList<int> stops = sequence.Request.StopTokens;
        for (int i = 0; i < stops.Count; i++)
        {
            if (stops[i] == token)
            {
                return FinishReason.Stop;
            }
        }
        if (sequence.Grammar is { IsFinished: true })
        {
            return FinishReason.Stop;
        }
        return sequence.Generated >= sequence.Request.MaxTokens ? FinishReason.Length : FinishReason.None;
    }

    private static void Report(RunningSequence sequence, SequenceResult result, int kept, int accepted, FinishReason finish)
    {
        bool whole = kept == result.Tokens.Length;
        bool logprobs = sequence.Request.Sampling.Logprobs;
        bool written = sequence.Output.Writer.TryWrite(new GeneratedTokens
        {
            Tokens = whole ? result.Tokens : result.Tokens[..kept],
            Logprobs = !logprobs ? [] : whole ? result.Logprobs : result.Logprobs[..kept],
            Drafted = sequence.SentDrafts,
            DraftDepth = sequence.Sent.Depth,
            Accepted = accepted,
            Drafter = sequence.SentDrafter?.Name,
            CachedPromptTokens = sequence.Generated == kept ? sequence.CachedPromptTokens : 0,
            Finish = finish,
        });
        Debug.Assert(written, "a sequence is scheduled only when its client has room for a result");
    }
}
