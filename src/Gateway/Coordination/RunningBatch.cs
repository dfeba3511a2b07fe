using System.Diagnostics;
using Winnow.Inference.Cache;

namespace Winnow.Gateway.Coordination;

/// <summary>
/// The sequences of one replica and their places on its shards: slots, block tables, prefix cache. Admits waiting sequences by priority and age,
/// and pauses the youngest of the least urgent when blocks run short. Not thread-safe: the coordinator's loop owns it.
/// </summary>
internal sealed class RunningBatch
{
    private readonly CoordinatorOptions _options;
    private readonly CoordinatorInstruments _instruments;
    private readonly Stack<int> _slots = new();
    private readonly List<RunningSequence> _running = [];
    private readonly List<RunningSequence> _waiting = [];
    private readonly List<int> _closes = [];
    private readonly List<int> _matched = [];
    private KvBlockAllocator? _blocks;
    private PrefixCache? _cache;

    /// <summary>Starts without a replica.</summary>
    public RunningBatch(CoordinatorOptions options, CoordinatorInstruments instruments)
    {
        _options = options;
        _instruments = instruments;
    }

    /// <summary>Sequences with a slot, the most urgent first: the oldest of the lowest priority.</summary>
    public List<RunningSequence> Running => _running;

    /// <summary>Sequences without one, the most urgent first.</summary>
    public List<RunningSequence> Waiting => _waiting;

    /// <summary>The replica's sizes, or <see langword="null"/> while there is none.</summary>
    public PipelineShape? Shape { get; private set; }

    /// <summary>The replica's blocks.</summary>
    public KvBlockAllocator Blocks => _blocks ?? throw new InvalidOperationException("There is no replica.");

    /// <summary>Told of every sequence that is paused.</summary>
    public Action<RunningSequence>? Paused { get; set; }

    /// <summary>Sequences paused so far.</summary>
    public long Pauses { get; private set; }

    /// <summary>Tokens found in the prefix cache so far.</summary>
    public long PrefixHits { get; private set; }

    /// <summary>Begins on a new replica, on which nothing is stored.</summary>
    public void Attach(PipelineShape shape)
    {
        Debug.Assert(_running.Count == 0, "sequences of the old replica have been moved to the waiting ones");
        Shape = shape;
        _blocks = new KvBlockAllocator(shape.BlockCount);
        _cache = new PrefixCache(_blocks, shape.BlockTokens);
        _closes.Clear();
        _slots.Clear();
        for (int slot = _options.MaxSequences - 1; slot >= 0; slot--)
        {
            _slots.Push(slot);
        }
    }

    /// <summary>The replica is gone: every running sequence waits for the next one.</summary>
    public void Detach()
    {
        Shape = null;
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            RunningSequence sequence = _running[i];
            sequence.ForgetSteps();
            ForgetPlace(sequence);
            sequence.IsOutsideCache = !sequence.Request.UsePrefixCache;
            InsertWaiting(sequence);
        }
        _running.Clear();
    }

    /// <summary>Takes a new sequence in.</summary>
    public void Add(RunningSequence sequence) => InsertWaiting(sequence);

    /// <summary>Gives waiting sequences slots and the blocks of all their tokens, the most urgent first, as far as both go.</summary>
    public void Admit()
    {
        for (int i = 0; i < _waiting.Count && _slots.Count > 0;)
        {
            RunningSequence sequence = _waiting[i];
            if (!sequence.CanReport())
            {
                i++;
                continue;
            }
            _matched.Clear();
            PrefixEntry? last = sequence.IsOutsideCache ? null : _cache!.Match(sequence.Tokens, _matched);
            if (IsBeingComputed(sequence, _matched.Count))
            {
                i++;
            }
            else if (TryStart(sequence, last))
            {
                _waiting.RemoveAt(i);
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Makes the block table long enough for <paramref name="length"/> tokens.</summary>
    /// <param name="sequence">A running sequence.</param>
    /// <param name="length">Tokens to hold.</param>
    /// <param name="mayPause">Whether less urgent sequences may be paused for it.</param>
    public bool TryGrow(RunningSequence sequence, int length, bool mayPause)
    {
        int missing = BlocksFor(length) - sequence.Blocks.Count;
        while (missing > 0 && !Blocks.TryAllocate(missing, sequence.Blocks))
        {
            if (!mayPause || !PauseAnotherFor(sequence))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Returns the blocks that rejected drafts took and publishes the full blocks of committed tokens.</summary>
    public void Settle(RunningSequence sequence)
    {
        int keep = BlocksFor(sequence.Count);
        for (int i = sequence.Blocks.Count - 1; i >= keep; i--)
        {
            Blocks.Release(sequence.Blocks[i]);
            sequence.Blocks.RemoveAt(i);
        }
        sequence.KeptBlocks = Math.Min(sequence.KeptBlocks, sequence.Blocks.Count);
        Publish(sequence);
    }

    /// <summary>Takes slot and blocks from a running sequence; its tokens stay, and it continues later as if nothing had happened.</summary>
    public void Pause(RunningSequence sequence)
    {
        Release(sequence);
        InsertWaiting(sequence);
        Pauses++;
        _instruments.Paused();
        Paused?.Invoke(sequence);
    }

    /// <summary>As <see cref="Pause"/>, for a sequence whose stored keys and values are not trusted.</summary>
    public void Restart(RunningSequence sequence)
    {
        foreach (int block in sequence.Blocks)
        {
            _cache!.Forget(block);
        }
        Release(sequence);
        sequence.IsOutsideCache = true;
        InsertWaiting(sequence);
    }

    /// <summary>Ends a sequence, waiting or running, and frees what it holds.</summary>
    public void End(RunningSequence sequence)
    {
        if (sequence.Phase == SequencePhase.Running)
        {
            Release(sequence);
        }
        else
        {
            _waiting.Remove(sequence);
        }
        sequence.Phase = SequencePhase.Ended;
    }

    /// <summary>Moves the slots to close into a step.</summary>
    public void TakeCloses(List<int> closes)
    {
        closes.AddRange(_closes);
        _closes.Clear();
    }

    /// <summary>
    /// Closes slots again that a failed step should have closed, as far as no sequence uses them now.
    /// </summary>
    public void RepeatCloses(List<int> closes)
    {
        foreach (int slot in closes)
        {
            if (!_closes.Contains(slot) && !_running.Exists(sequence => sequence.Slot == slot && sequence.IsOpen))
            {
                _closes.Add(slot);
            }
        }
    }

    /// <summary>Blocks that hold this many tokens.</summary>
    public int BlocksFor(int tokens) => (tokens + Shape!.BlockTokens - 1) / Shape.BlockTokens;

    /// <summary>Checks that no block is lost or held twice; for debug builds and tests.</summary>
    /// <exception cref="InvalidOperationException">The tables and the allocator disagree.</exception>
    public void Verify()
    {
        var holders = new int[Blocks.BlockCount];
        foreach (RunningSequence sequence in _running)
        {
            foreach (int block in sequence.Blocks)
            {
                holders[block]++;
            }
        }
        int held = 0;
        for (int block = 0; block < holders.Length; block++)
        {
            held += holders[block] > 0 ? 1 : 0;
            if (holders[block] != Blocks.References(block))
            {
                throw new InvalidOperationException($"Block '{block}' is in '{holders[block]}' tables but has '{Blocks.References(block)}' holders.");
            }
        }
        if (held + Blocks.Available != Blocks.BlockCount)
        {
            throw new InvalidOperationException($"'{held}' blocks are held and '{Blocks.Available}' available of '{Blocks.BlockCount}'.");
        }
    }

    // A running sequence is computing blocks that this one could share when they are done: waiting for them is cheaper than
    // computing them twice. Choices of one request, and bursts with a common system prompt, meet here.
    private bool IsBeingComputed(RunningSequence sequence, int matchedBlocks)
    {
        if (sequence.IsOutsideCache)
        {
            return false;
        }
        ReadOnlySpan<int> tokens = sequence.Tokens[..^1];
        foreach (RunningSequence other in _running)
        {
            if (other.KnownCount > 1 && !other.IsOutsideCache
                && tokens.CommonPrefixLength(other.Tokens) / Shape!.BlockTokens > matchedBlocks)
            {
                return true;
            }
        }
        return false;
    }

    private bool TryStart(RunningSequence sequence, PrefixEntry? last)
    {
        int idle = 0;
        foreach (int block in _matched)
        {
            idle += Blocks.References(block) == 0 ? 1 : 0;
        }
        // Running sequences may each want one more block soon: starting another with the last ones would only pause it again.
        int needed = BlocksFor(sequence.Count) - _matched.Count;
        if (needed + idle > Blocks.Available - _running.Count)
        {
            return false;
        }
        foreach (int block in _matched)
        {
            Blocks.AddReference(block);
            sequence.Blocks.Add(block);
        }
        bool allocated = Blocks.TryAllocate(needed, sequence.Blocks);
        Debug.Assert(allocated, "availability was checked");
        int matchedTokens = _matched.Count * Shape!.BlockTokens;
        sequence.AdvanceKv(matchedTokens);
        Debug.Assert(sequence.KvHash == (last?.Hash ?? PrefixHash.Empty), "the cache's hash is the sequence's");
        sequence.PublishedBlocks = _matched.Count;
        sequence.LastEntry = last;
        sequence.Slot = _slots.Pop();
        sequence.Phase = SequencePhase.Running;
        if (sequence.CachedPromptTokens < 0)
        {
            sequence.CachedPromptTokens = Math.Min(matchedTokens, sequence.PromptCount);
        }
        PrefixHits += matchedTokens;
        _instruments.LookedUp(sequence.Count, matchedTokens);
        InsertSorted(_running, sequence);
        return true;
    }

    // I6: only blocks that lie whole within the committed tokens, stored in their place, are published.
    private void Publish(RunningSequence sequence)
    {
        int size = Shape!.BlockTokens;
        while (!sequence.IsOutsideCache && (sequence.PublishedBlocks + 1) * size <= sequence.SettledLength)
        {
            int index = sequence.PublishedBlocks;
            PrefixEntry? entry = _cache!.Publish(sequence.LastEntry, sequence.Tokens.Slice(index * size, size), sequence.Blocks[index]);
            if (entry is null)
            {
                sequence.IsOutsideCache = true;
                return;
            }
            sequence.LastEntry = entry;
            sequence.PublishedBlocks++;
        }
    }

    // The least urgent first, of equals the youngest; one whose client does not read must not keep others from running, whatever its age.
    private bool PauseAnotherFor(RunningSequence sequence)
    {
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            RunningSequence other = _running[i];
            if (!other.InFlight && other != sequence && (other.CompareUrgency(sequence) > 0 || other.IsHeld))
            {
                Pause(other);
                return true;
            }
        }
        return false;
    }

    private void Release(RunningSequence sequence)
    {
        Debug.Assert(!sequence.InFlight, "a sequence in flight keeps its blocks");
        // Last to first: a block's parent is then always younger in the list of idle blocks, and evicted later.
        for (int i = sequence.Blocks.Count - 1; i >= 0; i--)
        {
            Blocks.Release(sequence.Blocks[i]);
        }
        if (sequence.IsOpen)
        {
            _closes.Add(sequence.Slot);
        }
        _slots.Push(sequence.Slot);
        _running.Remove(sequence);
        ForgetPlace(sequence);
        sequence.IsOutsideCache = !sequence.Request.UsePrefixCache;
    }

    private static void ForgetPlace(RunningSequence sequence)
    {
        sequence.Blocks.Clear();
        sequence.SentBlocks = 0;
        sequence.KeptBlocks = 0;
        sequence.Slot = -1;
        sequence.IsOpen = false;
        sequence.PublishedBlocks = 0;
        sequence.LastEntry = null;
        sequence.DraftCall = null;
        sequence.HasDrafts = false;
        sequence.Drafts.Clear();
        sequence.Sent.Clear();
        sequence.KeepPath = [];
        sequence.ResetKv();
    }

    private void InsertWaiting(RunningSequence sequence)
    {
        sequence.Phase = SequencePhase.Waiting;
        InsertSorted(_waiting, sequence);
    }

    private static void InsertSorted(List<RunningSequence> list, RunningSequence sequence)
    {
        int index = list.Count;
        while (index > 0 && list[index - 1].CompareUrgency(sequence) > 0)
        {
            index--;
        }
        list.Insert(index, sequence);
    }
}
