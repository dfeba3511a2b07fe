using ILGPU;
using Winnow.GpuWorker.Kernels.Rows;

namespace Winnow.Kernels.Suite;

/// <summary>Results joined to hidden states, with and without bias and norm.</summary>
public abstract class JoinSuite : KernelSuite
{
    [KernelTheory]
    [InlineData(1, 1, false, false)]
    [InlineData(3, 31, true, false)]
    [InlineData(2, 257, false, true)]
    [InlineData(2, 1056, true, true)]
    public void Run_AnyParts_IsNearDoubles(int rows, int width, bool bias, bool norm)
    {
        float[] result = Floats(1, rows * width);
        float[] hidden = Floats(2, rows * width);
        float[]? added = bias ? Floats(3, width) : null;
        float[]? weight = norm ? Floats(4, width) : null;
        float[] actual = Join(result, hidden, rows, width, added, weight);
        for (int row = 0; row < rows; row++)
        {
            float[] term = [.. result[(row * width)..((row + 1) * width)].Select((value, i) => value + (added?[i] ?? 0f))];
            double[] joined = weight is null ? [.. term.Select(value => (double)value)] : RowReference.Norm(term, weight, 1e-6);
            double[] expected = [.. joined.Select((value, i) => hidden[(row * width) + i] + value)];
            AssertNear(expected, actual.AsSpan(row * width, width), 5e-6, $"row {row}");
        }
    }

    [KernelFact]
    public void Run_OneToThirtyThreeRows_EachRowHasTheSameBits()
    {
        const int width = 100;
        float[] result = Floats(1, 33 * width);
        float[] hidden = Floats(2, 33 * width);
        float[] weight = Floats(4, width);
        float[] all = Join(result, hidden, 33, width, null, weight);
        foreach (int rows in (int[])[1, 2, 5, 8, 32])
        {
            float[] some = Join(result[..(rows * width)], hidden[..(rows * width)], rows, width, null, weight);
            AssertSameBits(all.AsSpan(0, rows * width), some, $"{rows} rows");
        }
    }

    [KernelFact]
    public void Run_WidthsThatDiffer_NamesBoth()
    {
        using DeviceRows result = new(Accelerator, new float[32], 32);
        using DeviceRows hidden = new(Accelerator, new float[64], 64);
        JoinOp sut = new(Accelerator);
        ArgumentException exception = Assert.Throws<ArgumentException>(() => sut.Run(Stream, result.View, hidden.View, 1));
        Assert.Contains("'64'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'32'", exception.Message, StringComparison.Ordinal);
    }

    private float[] Join(float[] result, float[] hidden, int rows, int width, float[]? bias, float[]? norm)
    {
        using DeviceRows terms = new(Accelerator, result, width);
        using DeviceRows sums = new(Accelerator, hidden, width);
        new JoinOp(Accelerator).Run(Stream, terms.View, sums.View, rows, Vector(bias), Vector(norm), 1e-6f);
        return sums.Read(rows);
    }

    private ArrayView<float> Vector(float[]? values) =>
        values is null ? default : Upload(RowReference.Strided(values, values.Length, (values.Length + 3) / 4 * 4)).View.BaseView;
}
