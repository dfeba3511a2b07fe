using Winnow.Inference.Graph;

namespace Winnow.Tests.Common;

/// <summary>Drives a pipeline of shards as the execution layer does, one sequence at a time, with identity block tables.</summary>
public sealed class ShardDriver(params IShard[] shards)
{
    private readonly ForwardBatch _batch = new();

    public ShardSpec Spec => shards[0].Spec;

    public IShard Shard => shards[0];

    public IReadOnlyList<IShard> Shards => shards;

    /// <summary>First slot of the scratch rows.</summary>
    public static int FirstScratchSlot(ShardSpec spec) => spec.BlockCount * spec.BlockTokens;

    public static int[] Tokens(int count, int seed = 13) => [.. Enumerable.Range(0, count).Select(i => ((i * 7919) + seed) % 256)];

    public static int[] Blocks(ShardSpec spec, int firstBlock) =>
        [.. Enumerable.Range(firstBlock, (spec.ContextTokens + spec.BlockTokens - 1) / spec.BlockTokens)];

    /// <summary>Runs a chain and answers the hidden states after the last layer.</summary>
    public float[] Chain(ReadOnlySpan<int> tokens, int baseLength, int firstBlock = 0)
    {
        _batch.Clear();
        Add(_batch, tokens, baseLength, firstBlock);
        return Run(_batch);
    }

    public void Add(ForwardBatch batch, ReadOnlySpan<int> tokens, int baseLength, int firstBlock)
    {
        ForwardSequence sequence = batch.Add(tokens.Length);
        sequence.BaseLength = baseLength;
        sequence.SetBlocks(Blocks(Spec, firstBlock));
        for (int i = 0; i < tokens.Length; i++)
        {
            sequence.Tokens[i] = tokens[i];
            sequence.Parents[i] = i - 1;
            sequence.Depths[i] = i;
            sequence.KvSlots[i] = (firstBlock * Spec.BlockTokens) + baseLength + i;
        }
        sequence.FirstOutputRow = 0;
    }

    public float[] Run(ForwardBatch batch)
    {
        float[] hidden = [];
        foreach (IShard shard in shards)
        {
            float[] output = new float[batch.RowCount * Spec.ModelSize];
            shard.Forward(batch, hidden, output, default);
            hidden = output;
        }
        return hidden;
    }

    public float[] Logits(ReadOnlySpan<float> hidden)
    {
        int rows = hidden.Length / Spec.ModelSize;
        float[] logits = new float[rows * Spec.VocabularySize];
        shards[^1].ComputeLogits(hidden, rows, logits);
        return logits;
    }

    /// <summary>Logits of the last row of a chain.</summary>
    public float[] LastLogits(ReadOnlySpan<int> tokens, int baseLength, int firstBlock = 0) =>
        Logits(Chain(tokens, baseLength, firstBlock).AsSpan()[^Spec.ModelSize..]);

    /// <summary>Logits of a token after a prefix.</summary>
    public float[] After(ReadOnlySpan<int> prefix, int token)
    {
        Chain(prefix, 0);
        return LastLogits([token], prefix.Length);
    }
}
