using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Attention;
using Winnow.Inference.Cache;
using Winnow.Inference.Graph;
using Half = System.Half;

namespace Winnow.KernelBench;

/// <summary>Attention of a decode over long contexts, by memory, and of a prompt, by arithmetic.</summary>
internal sealed class AttentionFigures(Accelerator accelerator, BenchSizes sizes, Ceilings ceilings, DeviceTimer timer)
{
    private const double DecodeGoal = 0.75;
    private const double PromptGoal = 0.2;
    private const int BlockTokens = 16;
    private const int Partials = 4096;

    private AcceleratorStream Stream => accelerator.DefaultStream;

    /// <summary>Measures everything.</summary>
    /// <param name="progress">Told what is measured.</param>
    public IEnumerable<Figure> Run(Action<string> progress)
    {
        foreach (KvType type in (KvType[])[KvType.F16, KvType.Q8_0, KvType.Q4_0])
        {
            progress($"attention with {KvTypes.NameOf(type)}");
            bool judged = type == KvType.F16;
            yield return Decode(type, judged ? DecodeGoal : null);
            yield return Prompt(type, judged ? PromptGoal : null);
        }
    }

    private Figure Decode(KvType type, double? goal)
    {
        ForwardBatch batch = new();
        int blocks = (sizes.DecodeContext + BlockTokens - 1) / BlockTokens;
        for (int i = 0; i < sizes.DecodeBatch; i++)
        {
            Add(batch, rows: 1, sizes.DecodeContext - 1, i * blocks, blocks);
        }
        DeviceKvLayout layout = new(1, sizes.KvHeads, sizes.HeadSize, BlockTokens, sizes.DecodeBatch * blocks, 0, type);
        string what = $"decode attention, {sizes.DecodeBatch} sequences of {sizes.DecodeContext}, {Heads}";
        double share = (double)sizes.DecodeContext / (blocks * BlockTokens);
        return Figure.From(what, KvTypes.NameOf(type), Time(batch, layout, sizes.LeastLaunches), layout.Bytes * share, "GB/s").Under(ceilings, goal);
    }

    private Figure Prompt(KvType type, double? goal)
    {
        ForwardBatch batch = new();
        int blocks = (sizes.Prompt + BlockTokens - 1) / BlockTokens;
        Add(batch, sizes.Prompt, 0, 0, blocks);
        DeviceKvLayout layout = new(1, sizes.KvHeads, sizes.HeadSize, BlockTokens, blocks, 0, type);
        double keys = sizes.Prompt * (sizes.Prompt + 1.0) / 2;
        string what = $"prefill attention, {sizes.Prompt} rows, {Heads}";
        return Figure.From(what, KvTypes.NameOf(type), Time(batch, layout, Math.Min(4, sizes.LeastLaunches)), 4 * keys * sizes.Heads * sizes.HeadSize, "TFLOP/s")
            .Under(ceilings, goal);
    }

    private string Heads => $"{sizes.Heads} heads on {sizes.KvHeads} of {sizes.HeadSize}";

    private static void Add(ForwardBatch batch, int rows, int before, int firstBlock, int blocks)
    {
        ForwardSequence sequence = batch.Add(rows);
        sequence.BaseLength = before;
        sequence.FirstOutputRow = 0;
        sequence.SetBlocks([.. Enumerable.Range(firstBlock, blocks)]);
        for (int row = 0; row < rows; row++)
        {
            sequence.Tokens[row] = row;
            sequence.Parents[row] = row - 1;
            sequence.Depths[row] = row;
            sequence.KvSlots[row] = (firstBlock * BlockTokens) + before + row;
        }
    }

    private IReadOnlyList<TimeSpan> Time(ForwardBatch batch, DeviceKvLayout layout, int launches)
    {
        AttentionBlock block = new()
        {
            Scale = 1 / MathF.Sqrt(sizes.HeadSize),
            Rope = new RopeBlock { Style = RopeStyle.Interleaved, Dimensions = sizes.HeadSize, Base = 1e4f, OriginalContextTokens = sizes.DecodeContext },
        };
        using AttentionOp attention = new(accelerator, layout, sizes.Heads, Partials);
        PassMetadata pass = new(new PassShape
        {
            BlockTokens = BlockTokens,
            QueriesPerKvHead = sizes.Heads / sizes.KvHeads,
            Windows = [0],
            Partials = Partials,
            QueriesTogether = attention.QueriesTogether,
        });
        pass.Build(batch);
        int width = sizes.Heads * sizes.HeadSize;
        using DeviceKv kv = new(accelerator, layout);
        using MemoryBuffer1D<int, Stride1D.Dense> data = accelerator.Allocate1D(pass.Data.ToArray());
        using MemoryBuffer1D<float, Stride1D.Dense> queries = accelerator.Allocate1D<float>((long)batch.RowCount * width);
        using MemoryBuffer1D<float, Stride1D.Dense> output = accelerator.Allocate1D<float>((long)batch.RowCount * width);
        Random random = new(1);
        LayerKv layer = kv.Layer(0);
        FillHalves(layer.Keys, layout.Type, random);
        FillHalves(layer.Values, layout.Type, random);
        FillScales(layer.KeyScales);
        FillScales(layer.ValueScales);
        Repeat(queries.View.BaseView, [.. Enumerable.Range(0, width).Select(_ => (2 * random.NextSingle()) - 1)]);
        RowsView rows = new(queries.View, width, width);
        RowsView results = new(output.View, width, width);
        return timer.Measure(launches, _ => attention.Run(Stream, batch.RowCount, data.View, pass.List(0, onlyOutputs: false), block, rows, layer, results));
    }

    // Halves between -1 and 1; of quantised forms any bytes are codes.
    private void FillHalves(ArrayView<int> words, KvType type, Random random)
    {
        byte[] pattern = new byte[1 << 16];
        random.NextBytes(pattern);
        Span<Half> halves = MemoryMarshal.Cast<byte, Half>(pattern.AsSpan());
        for (int i = 0; type == KvType.F16 && i < halves.Length; i++)
        {
            halves[i] = (Half)((2 * random.NextSingle()) - 1);
        }
        Repeat(words, MemoryMarshal.Cast<byte, int>(pattern.AsSpan()).ToArray());
    }

    private void FillScales(ArrayView<ushort> scales)
    {
        ushort[] pattern = new ushort[1 << 12];
        Array.Fill(pattern, BitConverter.HalfToUInt16Bits((Half)0.01f));
        Repeat(scales, pattern);
    }

    private void Repeat<T>(ArrayView<T> view, T[] pattern)
        where T : unmanaged
    {
        for (long at = 0; at < view.Length; at += pattern.Length)
        {
            long count = Math.Min(pattern.Length, view.Length - at);
            view.SubView(at, count).CopyFromCPU(Stream, new ReadOnlySpan<T>(pattern, 0, (int)count));
        }
    }
}
