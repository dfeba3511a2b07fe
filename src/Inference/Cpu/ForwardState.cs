using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>What the pieces of a forward pass share; one per shard.</summary>
internal sealed unsafe class ForwardState
{
    /// <summary>The shard's weights.</summary>
    public required CpuWeights Weights { get; init; }

    /// <summary>Kernels in use.</summary>
    public required CpuKernels Kernels { get; init; }

    /// <summary>Keys and values.</summary>
    public required KvStore Kv { get; init; }

    /// <summary>Working memory.</summary>
    public required ShardScratch Scratch { get; init; }

    /// <summary>The model.</summary>
    public ModelConfiguration Model => Weights.Configuration;

    /// <summary>The batch of this pass.</summary>
    public ForwardBatch Batch { get; set; } = new();

    /// <summary>Physical KV row of every batch row.</summary>
    public int[] Slots { get; private set; } = [];

    /// <summary>Batch rows that the sampler needs, in order; the first <see cref="OutputCount"/> entries.</summary>
    public int[] OutputRows { get; private set; } = [];

    /// <summary>Rows that the sampler needs.</summary>
    public int OutputCount { get; private set; }

    /// <summary>The layer being computed, counted from the shard's first.</summary>
    public int Layer { get; set; }

    /// <summary>The layer's weights.</summary>
    public CpuLayer LayerWeights => Weights.Layers[Layer];

    /// <summary>Takes a checked batch: makes room, notes KV rows, output rows and rotation angles.</summary>
    public void Begin(ForwardBatch batch)
    {
        Batch = batch;
        Scratch.Reserve(batch.RowCount);
        if (Slots.Length < batch.RowCount)
        {
            Slots = new int[Scratch.Capacity];
            OutputRows = new int[Scratch.Capacity];
        }
        OutputCount = 0;
        for (int i = 0; i < batch.SequenceCount; i++)
        {
            ForwardSequence sequence = batch[i];
            for (int row = 0; row < sequence.RowCount; row++)
            {
                int index = sequence.FirstRow + row;
                Slots[index] = sequence.KvSlots[row];
                if (row >= sequence.FirstOutputRow)
                {
                    OutputRows[OutputCount++] = index;
                }
                for (int rope = 0; rope < Weights.Ropes.Length; rope++)
                {
                    Weights.Ropes[rope].Write(sequence.BaseLength + sequence.Depths[row], Scratch.AnglesOf(index, rope));
                }
            }
        }
    }

    /// <summary>Rows as a matrix's input, quantised rows included.</summary>
    public ActivationRows Input(float* rows, long stride, int columns) => new(
        (IntPtr)rows,
        stride,
        columns % WeightMatrix.BlockElements == 0 ? new QuantizedRows(Scratch.Quantized, Scratch.Capacity, columns) : default);
}
