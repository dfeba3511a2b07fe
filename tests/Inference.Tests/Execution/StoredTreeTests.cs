using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;
using Winnow.Inference.Tests.Cpu;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Execution;

/// <summary>
/// What rounds of draft trees leave in the pages of a sequence is, byte for byte, what a prefill of its tokens writes (SPEC.md, section 27 G): accepted rows were computed
/// at other places, in other batches, and moved.
/// </summary>
public sealed unsafe class StoredTreeTests
{
    private const int Generated = 36;
    private static readonly int[] Blocks = [7, 2, 11, 5];
    private static readonly SamplingParameters Sampling = new() { Temperature = 0.8f, Seed = 21 };

    [Theory]
    [InlineData("F32/f32", new int[0])]
    [InlineData("Q8_0", new[] { 1 })]
    [InlineData("Q8_0/q8_0", new int[0])]
    [InlineData("Q8_0/q4_0", new[] { 1 })]
    [InlineData("gemma2", new int[0])]
    public void Execute_RoundsOfTrees_LeaveTheBytesOfAFreshPrefill(string subject, int[] cuts)
    {
        int[] prompt = ShardDriver.Tokens(15);
        using var plainCase = new LawCase(subject);
        using var treeCase = new LawCase(subject);
        using var freshCase = new LawCase(subject);
        int[] expected = Autoregress(new Run(plainCase.Load(cuts: cuts)), prompt);
        ShardDriver trees = treeCase.Load(cuts: cuts);
        ShardDriver fresh = freshCase.Load(cuts: cuts);

        int stored = Draft(new Run(trees), prompt, expected, out int moved);
        new Run(fresh).Open([.. prompt, .. expected], stored, sample: false);

        Assert.True(moved > 10, $"only {moved} rows were moved");
        for (int shard = 0; shard < fresh.Shards.Count; shard++)
        {
            AssertEqual(((CpuShard)fresh.Shards[shard]).Kv, ((CpuShard)trees.Shards[shard]).Kv, stored);
        }
    }

    private static int[] Autoregress(Run run, int[] prompt)
    {
        List<int> tokens = [.. prompt, .. run.Open(prompt, prompt.Length, sample: true).Tokens];
        while (tokens.Count < prompt.Length + Generated + 8)
        {
            tokens.AddRange(run.Step(Pipeline.Rows(0, [.. tokens.SkipLast(1)], [tokens[^1]])).Tokens);
        }
        return [.. tokens.Skip(prompt.Length)];
    }

    /// <summary>Rounds of drafts of which the target's tokens are on the main chain, off it, or leave it on the way.</summary>
    /// <returns>Tokens whose keys and values are in the pages.</returns>
    private static int Draft(Run run, int[] prompt, int[] expected, out int moved)
    {
        List<int> tokens = [.. prompt, .. run.Open(prompt, prompt.Length, sample: true).Tokens];
        int[] keep = [];
        moved = 0;
        for (int round = 0; tokens.Count < prompt.Length + Generated; round++)
        {
            int[] right = [.. expected.Skip(tokens.Count - prompt.Length).Take(3)];
            int wrong = (right[0] + 1) % 250;
            int other = (right[1] + 1) % 250;
            (int[] drafts, int[] parents, int[] path) = (round % 4) switch
            {
                0 => (new[] { wrong, right[0], other, right[1], right[2] }, new[] { 0, 0, 2, 2, 4 }, new[] { 2, 4, 5 }),
                1 => ([right[0], other, right[1], wrong, right[2]], [0, 1, 1, 0, 3], [1, 3, 5]),
                2 => ([right[0], right[1]], [], []),
                _ => ([wrong, other], [0, 1], []),
            };
            SequenceResult result = run.Step(Pipeline.Rows(0, [.. tokens.SkipLast(1)], [tokens[^1]], drafts, parents, keep));
            keep = path;
            Assert.Equal(path.Length > 0 ? path : result.Path, result.Path);
            moved += path.Length;
            tokens.AddRange(result.Tokens);
        }
        Assert.Equal(expected.Take(tokens.Count - prompt.Length), tokens.Skip(prompt.Length));
        // The last path is moved with the next step.
        run.Step(Pipeline.Rows(0, [.. tokens.SkipLast(1)], [tokens[^1]], keep: keep));
        return tokens.Count;
    }

    private static void AssertEqual(KvStore expected, KvStore actual, int positions)
    {
        int blockTokens = expected.Shape.BlockTokens;
        for (int position = 0; position < positions; position++)
        {
            int slot = (Blocks[position / blockTokens] * blockTokens) + (position % blockTokens);
            for (int layer = 0; layer < expected.Shape.Layers; layer++)
            {
                for (int head = 0; head < expected.Shape.KvHeads; head++)
                {
                    Assert.True(Row(expected, layer, slot, head).AsSpan().SequenceEqual(Row(actual, layer, slot, head)), $"position {position}, layer {layer}, head {head}");
                }
            }
        }
    }

    private static byte[] Row(KvStore store, int layer, int slot, int head)
    {
        byte[] bytes = new byte[store.KeyTileBytes + store.ValueTileBytes];
        fixed (byte* pointer = bytes)
        {
            store.Gather(layer, slot, head, pointer, pointer + store.KeyTileBytes, lane: 0);
        }
        return bytes;
    }

    /// <summary>Engines over shards that hold one sequence.</summary>
    private sealed class Run(ShardDriver shards)
    {
        private readonly ShardEngine[] _engines = [.. shards.Shards.Select(shard => new ShardEngine(shard))];
        private long _step;

        public SequenceResult Open(int[] tokens, int count, bool sample)
        {
            StepBatch batch = new() { Epoch = 1, Step = ++_step };
            batch.Opens.Add(new SequenceOpen { Slot = 0, Tokens = tokens, PromptTokens = tokens.Length, CachedTokens = 0, Blocks = Blocks, Sampling = Sampling });
            batch.Sequences.Add(new SequenceRows
            {
                Slot = 0,
                BaseLength = 0,
                PrefixHash = PrefixHash.Empty,
                Tokens = tokens[..count],
                KnownCount = count,
                Sample = sample,
            });
            return Execute(batch);
        }

        public SequenceResult Step(SequenceRows rows)
        {
            StepBatch batch = new() { Epoch = 1, Step = ++_step };
            batch.Sequences.Add(rows);
            return Execute(batch);
        }

        private SequenceResult Execute(StepBatch batch)
        {
            float[] hidden = [];
            foreach (ShardEngine engine in _engines)
            {
                StepOutcome outcome = engine.Execute(batch, hidden, default);
                Assert.Null(outcome.Error);
                (batch, hidden) = (outcome.Batch, outcome.Hidden.ToArray());
                if (outcome.Result is { } result)
                {
                    Assert.Null(result.Sequences.Single().Error);
                    return result.Sequences.Single();
                }
            }
            throw new InvalidOperationException("The last shard gave no result.");
        }
    }
}
