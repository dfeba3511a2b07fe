using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Rows;

namespace Winnow.Kernels.Suite;

/// <summary>Parts of several devices added in the order of devices, as a tree.</summary>
public abstract class FoldSuite : KernelSuite
{
    [KernelTheory]
    [InlineData(2, 4)]
    [InlineData(2, 1028)]
    [InlineData(4, 4)]
    [InlineData(4, 2056)]
    public void Run_PartsInPlace_AreTheTreeBitForBit(int count, int length)
    {
        float[][] parts = [.. Enumerable.Range(0, count).Select(part => Floats(part, length))];
        MemoryBuffer1D<float, Stride1D.Dense>[] buffers = [.. parts.Select(part => Upload(part))];
        new FoldOp(Accelerator).Run(Stream, [.. buffers.Select(buffer => buffer.View.BaseView)], buffers[^1].View.BaseView);
        float[] expected =
        [
            .. Enumerable.Range(0, length).Select(i => count == 2
                ? parts[0][i] + parts[1][i]
                : (parts[0][i] + parts[1][i]) + (parts[2][i] + parts[3][i])),
        ];
        AssertSameBits(expected, Download(buffers[^1]), "sums");
        AssertSameBits(parts[0], Download(buffers[0]), "a part that is not the output");
    }

    [KernelTheory]
    [InlineData(3, 8, 8)]
    [InlineData(2, 8, 4)]
    [InlineData(2, 6, 6)]
    public void Run_OtherCountsOrLengths_AreRefused(int count, int length, int partLength)
    {
        ArrayView<float> output = Allocate<float>(length).View.BaseView;
        ArrayView<float>[] parts = [.. Enumerable.Range(0, count).Select(_ => Allocate<float>(partLength).View.BaseView)];
        Assert.Throws<ArgumentException>(() => new FoldOp(Accelerator).Run(Stream, parts, output));
    }
}
