using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Execution;

/// <summary>What happens to a sequence in a step.</summary>
internal enum MoveKind
{
    Open, Reopen, Fork, Close, Chunk, Plain, RightDrafts, SomeRight, Hostile, Tree, WrongHash, Ahead,
}

/// <summary>One move of a random run.</summary>
/// <param name="Kind">What.</param>
/// <param name="Target">Which sequence, modulo those open.</param>
/// <param name="Size">How much.</param>
/// <param name="EndsStep">The step is sent after this move.</param>
internal sealed record Move(MoveKind Kind, int Target, int Size, bool EndsStep);

/// <summary>
/// A small coordinator that plays random moves against a pipeline and checks every answer against plain autoregression.
/// The fake shards check that every row reads exactly its prefix.
/// </summary>
internal sealed class CoordinatorModel
{
    private const int MostTokens = 70;
    private const int BlockTokens = 4;
    private const int BlockCount = 200;

    private static readonly SamplingParameters[] Samplings =
    [
        SamplingParameters.Greedy,
        new() { Seed = 3, Temperature = 0.7f, RepetitionPenalty = 1.3f },
        new() { Seed = 4, TopP = 0.8f, FrequencyPenalty = 0.6f, PresencePenalty = 0.2f, Choice = 1 },
        new() { Seed = 5, TopK = 7, MinP = 0.05f, Logprobs = true, TopLogprobs = 3 },
    ];

    private readonly Pipeline _pipeline;
    private readonly Random _random;
    private readonly List<Sequence> _open = [];
    private readonly int[] _references;
    private readonly List<Action<SequenceResult>> _checks = [];
    private StepBatch _step;
    private int _nextSlot;

    public CoordinatorModel(int shards, int seed)
    {
        _pipeline = new Pipeline(shards, blocks: BlockCount, scratch: 10);
        _random = new Random(seed);
        _references = new int[BlockCount];
        _step = _pipeline.NewStep();
    }

    /// <summary>Draft tokens accepted over the run.</summary>
    public int Accepted { get; private set; }

    public void Play(IEnumerable<Move> moves)
    {
        foreach (Move move in moves)
        {
            Apply(move);
            if (move.EndsStep)
            {
                Send();
            }
        }
        Send();
        _open.ToList().ForEach(Close);
        Send();
        Require(_references.All(count => count == 0), "every block comes back");
        Require(_pipeline.Engines.All(engine => engine.OpenSlots == 0 && engine.FreeScratchRows == 10), "every slot and scratch row comes back");
    }

    private void Apply(Move move)
    {
        Sequence? sequence = _open.Count == 0 ? null : _open[move.Target % _open.Count];
        if (move.Kind == MoveKind.Open || sequence is null)
        {
            if (_open.Count < 6)
            {
                int[] prompt = [.. Enumerable.Range(0, 1 + (move.Size % 23)).Select(_ => _random.Next(50))];
                Open(new Sequence(prompt, Samplings[move.Target % Samplings.Length]), 0);
            }
            return;
        }
        bool inStep = _step.Sequences.Any(rows => rows.Slot == sequence.Slot);
        switch (move.Kind)
        {
            case MoveKind.Close when !inStep:
                Close(sequence);
                break;
            case MoveKind.Reopen when !inStep:
                Close(sequence);
                Open(new Sequence(sequence), 0);
                break;
            case MoveKind.Fork when _open.Count < 6 && !inStep:
                Fork(sequence);
                break;
            case MoveKind.Chunk when !inStep && sequence.Pending > 1:
                AddRows(sequence, Math.Min(1 + (move.Size % 9), sequence.Pending - 1), [], [], null);
                break;
            case MoveKind.Plain or MoveKind.RightDrafts or MoveKind.SomeRight or MoveKind.Hostile or MoveKind.Tree when !inStep && !sequence.IsLong:
                (int[] drafts, int[] parents) = Drafts(move, sequence);
                AddRows(sequence, sequence.Pending, drafts, parents, null, move.Kind == MoveKind.RightDrafts);
                break;
            case MoveKind.WrongHash when !inStep && sequence.Blocks.Count * BlockTokens >= sequence.Tokens.Count:
                AddRows(sequence, sequence.Pending, [1, 2], [], "prefix_mismatch");
                break;
            case MoveKind.Ahead when !inStep && !sequence.IsLong:
                Ahead(sequence, move.Size);
                break;
        }
    }

    private void Open(Sequence sequence, int cached)
    {
        sequence.Slot = ++_nextSlot;
        sequence.Stored = sequence.Settled = cached;
        _open.Add(sequence);
        Grow(sequence, sequence.Tokens.Count);
        _step.Opens.Add(new SequenceOpen
        {
            Slot = sequence.Slot,
            Tokens = [.. sequence.Tokens],
            PromptTokens = sequence.Prompt.Length,
            CachedTokens = cached,
            Blocks = [.. sequence.Blocks],
            Sampling = sequence.Sampling,
        });
    }

    private void Close(Sequence sequence)
    {
        bool openedInThisStep = _step.Opens.RemoveAll(open => open.Slot == sequence.Slot) > 0;
        if (!openedInThisStep)
        {
            _step.Closes.Add(sequence.Slot);
        }
        Release(sequence, 0);
        _open.Remove(sequence);
    }

    /// <summary>Shares the full blocks of settled tokens and copies the one after them.</summary>
    private void Fork(Sequence parent)
    {
        if (_step.Opens.Any(open => open.Slot == parent.Slot))
        {
            return;
        }
        int settled = parent.Settled;
        Sequence child = new(parent);
        child.Blocks.AddRange(parent.Blocks.Take(settled / BlockTokens));
        child.Blocks.ForEach(block => _references[block]++);
        if (settled % BlockTokens != 0)
        {
            Grow(child, settled);
            _step.Copies.Add(new BlockCopy(parent.Blocks[settled / BlockTokens], child.Blocks[^1]));
        }
        Open(child, settled);
    }

    private (int[] Drafts, int[] Parents) Drafts(Move move, Sequence sequence)
    {
        int[] right = sequence.Future(1 + (move.Size % 6));
        int root = sequence.Pending - 1;
        switch (move.Kind)
        {
            case MoveKind.RightDrafts:
                return (right, []);
            case MoveKind.SomeRight:
                right[_random.Next(right.Length)] = _random.Next(50);
                return (right, []);
            case MoveKind.Hostile:
                int[] ids = [.. Enumerable.Range(0, _random.Next(90)).Select(_ => _random.Next(4) == 0 ? _random.Next(-9, 99) : right[0])];
                bool asTree = _random.Next(2) == 0;
                return (ids, asTree ? [.. ids.Select(_ => _random.Next(-2, 9) + root)] : []);
            case MoveKind.Tree:
                return Tree(right, root);
            default:
                return ([], []);
        }
    }

    /// <summary>The right tokens somewhere in a random tree.</summary>
    private (int[] Drafts, int[] Parents) Tree(int[] right, int root)
    {
        List<int> drafts = [];
        List<int> parents = [];
        int tip = root;
        foreach (int token in right)
        {
            for (int wrong = _random.Next(3); wrong > 0; wrong--)
            {
                drafts.Add((token + wrong) % 50);
                parents.Add(_random.Next(3) == 0 ? root + _random.Next(drafts.Count) : tip);
            }
            drafts.Add(token);
            parents.Add(tip);
            tip = root + drafts.Count;
        }
        return ([.. drafts], [.. parents]);
    }

    private void AddRows(Sequence sequence, int known, int[] drafts, int[] parents, string? expectedError, bool allRight = false)
    {
        int start = sequence.Stored;
        bool samples = known == sequence.Pending;
        int truncate = 0;
        if (_random.Next(3) == 0 && sequence.Blocks.Count > (start + BlockTokens - 1) / BlockTokens && start > 0 && expectedError is null)
        {
            truncate = (start + BlockTokens - 1) / BlockTokens;
            Release(sequence, truncate);
        }
        int before = sequence.Blocks.Count;
        Grow(sequence, expectedError is null ? start + known + Math.Min(drafts.Length, 12) + 1 : 0);
        _step.Sequences.Add(new SequenceRows
        {
            Slot = sequence.Slot,
            BaseLength = start,
            PrefixHash = PrefixHash.Of([.. sequence.Tokens.Take(start)]) + (expectedError is null ? 0UL : 1),
            Tokens = [.. sequence.Tokens.Skip(start).Take(known), .. drafts],
            KnownCount = known,
            Parents = parents,
            Sample = samples,
            TruncateBlocks = truncate,
            NewBlocks = [.. sequence.Blocks.Skip(before)],
            KeepPath = sequence.KeepPath,
        });
        _checks.Add(result =>
        {
            Require(!allRight || result.Accepted == drafts.Length, "right drafts are all accepted");
            Check(sequence, result, start, known, samples, parents.Length > 0, expectedError);
        });
    }

    private void Check(Sequence sequence, SequenceResult result, int start, int known, bool samples, bool isTree, string? expectedError)
    {
        Require(result.Error?.Type == expectedError, $"slot {sequence.Slot} ended with '{result.Error}'");
        if (expectedError is not null)
        {
            return;
        }
        sequence.Settled = start + known;
        sequence.Stored = start + known + result.Accepted;
        sequence.KeepPath = isTree ? result.Path : [];
        sequence.Settled = isTree ? sequence.Settled : sequence.Stored;
        Require(result.Tokens.Length == (samples ? result.Accepted + 1 : 0), "accepted tokens and one more come back");
        Require(result.Logprobs.Length == (sequence.Sampling.Logprobs ? result.Tokens.Length : 0), "log-probabilities come for every token");
        Require(sequence.Future(result.Tokens.Length).SequenceEqual(result.Tokens), "tokens are those of plain autoregression");
        sequence.Tokens.AddRange(result.Tokens);
        Accepted += result.Accepted;
    }

    /// <summary>Sends a step that builds on the guess that all drafts of the step before are accepted.</summary>
    private void Ahead(Sequence sequence, int size)
    {
        Send();
        int[] drafts = sequence.Future(4)[..3];
        if (size % 2 == 0)
        {
            drafts[size % 3] = (drafts[size % 3] + 1) % 50;
        }
        int[] guess = [.. sequence.Tokens, .. drafts];
        AddRows(sequence, sequence.Pending, drafts, [], null);
        int next = sequence.Future(5)[3];
        Send();

        StepBatch ahead = _pipeline.NewStep();
        ahead.Sequences.Add(Pipeline.Rows(sequence.Slot, guess, [next]));
        SequenceResult result = _pipeline.Run(ahead).Result!.Sequences.Single();
        bool guessed = sequence.Tokens.Count == guess.Length + 1 && sequence.Tokens[^1] == next;
        if (guessed)
        {
            Check(sequence, result, guess.Length, 1, true, false, null);
        }
        _step = _pipeline.NewStep();
    }

    private void Send()
    {
        StepResult result = _pipeline.Run(_step).Result ?? throw new InvalidOperationException("The step failed.");
        Require(result.Sequences.Count == _checks.Count, "every row is answered");
        for (int i = 0; i < _checks.Count; i++)
        {
            int slot = _step.Sequences[i].Slot;
            _checks[i](result.Sequences.Single(r => r.Slot == slot));
        }
        _checks.Clear();
        _step = _pipeline.NewStep();
    }

    private void Grow(Sequence sequence, int tokens)
    {
        while (sequence.Blocks.Count * BlockTokens < tokens)
        {
            int block = Array.IndexOf(_references, 0, _random.Next(30));
            _references[block] = 1;
            sequence.Blocks.Add(block);
        }
    }

    private void Release(Sequence sequence, int keep)
    {
        sequence.Blocks.Skip(keep).ToList().ForEach(block => _references[block]--);
        sequence.Blocks.RemoveRange(keep, sequence.Blocks.Count - keep);
    }

    private static void Require(bool condition, string rule)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"Broken: {rule}.");
        }
    }

    private sealed class Sequence
    {
        private readonly int[] _future;

        public Sequence(int[] prompt, SamplingParameters sampling)
        {
            Prompt = prompt;
            Sampling = sampling;
            Tokens = [.. prompt];
            _future = [.. prompt, .. Pipeline.Autoregress(prompt, sampling, MostTokens)];
        }

        public Sequence(Sequence other)
        {
            Prompt = other.Prompt;
            Sampling = other.Sampling;
            Tokens = [.. other.Tokens];
            _future = other._future;
        }

        public int[] Prompt { get; }

        public SamplingParameters Sampling { get; }

        public int Slot { get; set; }

        /// <summary>Prompt and committed tokens.</summary>
        public List<int> Tokens { get; }

        /// <summary>Tokens with keys and values, once the kept path has been moved.</summary>
        public int Stored { get; set; }

        /// <summary>Tokens with keys and values in the blocks now.</summary>
        public int Settled { get; set; }

        public int[] KeepPath { get; set; } = [];

        public List<int> Blocks { get; } = [];

        public int Pending => Tokens.Count - Stored;

        public bool IsLong => Tokens.Count > Prompt.Length + MostTokens - 12;

        public int[] Future(int count) => _future[Tokens.Count..(Tokens.Count + count)];
    }
}
