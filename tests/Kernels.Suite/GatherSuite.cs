using Winnow.GpuWorker.Kernels.Rows;

namespace Winnow.Kernels.Suite;

/// <summary>Rows put without gaps.</summary>
public abstract class GatherSuite : KernelSuite
{
    [KernelTheory]
    [InlineData(1, new[] { 2 })]
    [InlineData(31, new[] { 4, 0, 4 })]
    [InlineData(257, new[] { 1, 2, 3 })]
    public void Run_AnyRows_CopiesTheirBits(int width, int[] rows)
    {
        float[] values = Floats(1, 5 * width);
        using DeviceRows input = new(Accelerator, values, width);
        using DeviceRows output = new(Accelerator, new float[rows.Length * width], width);
        new GatherOp(Accelerator).Run(Stream, input.View, Upload(rows).View.BaseView, output.View);
        float[] expected = [.. rows.SelectMany(row => values[(row * width)..((row + 1) * width)])];
        AssertSameBits(expected, output.Read(rows.Length), $"rows of {width}");
    }

    [KernelFact]
    public void Run_TooLittleRoom_NamesBoth()
    {
        using DeviceRows input = new(Accelerator, new float[96], 32);
        using DeviceRows output = new(Accelerator, new float[32], 32);
        GatherOp sut = new(Accelerator);
        ArgumentException exception = Assert.Throws<ArgumentException>(() => sut.Run(Stream, input.View, Upload([0, 1, 2]).View.BaseView, output.View));
        Assert.Contains("'3' rows", exception.Message, StringComparison.Ordinal);
    }
}
