using ILGPU;
using ILGPU.Runtime;

namespace Winnow.Kernels.Suite;

/// <summary>
/// The base of all kernel suites: device memory that lives as long as the test, and comparisons. A suite derives from this, is abstract and marks its
/// tests <c>[KernelFact]</c> and <c>[KernelTheory]</c>; every <c>Kernels.X.Tests</c> project derives each suite once.
/// </summary>
public abstract class KernelSuite : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>The project's device.</summary>
    protected static Accelerator Accelerator => KernelDevice.Current.Accelerator;

    /// <summary>The stream to launch on.</summary>
    protected static AcceleratorStream Stream => Accelerator.DefaultStream;

    /// <summary>Frees what the test allocated.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Device memory with a copy of the data.</summary>
    protected MemoryBuffer1D<T, Stride1D.Dense> Upload<T>(T[] data)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        MemoryBuffer1D<T, Stride1D.Dense> buffer = Allocate<T>(data.Length);
        if (data.Length > 0)
        {
            buffer.View.BaseView.SubView(0, data.Length).CopyFromCPU(Stream, new ReadOnlySpan<T>(data));
        }
        return buffer;
    }

    /// <summary>Device memory of zeros, for at least one element.</summary>
    protected MemoryBuffer1D<T, Stride1D.Dense> Allocate<T>(long length)
        where T : unmanaged
    {
        MemoryBuffer1D<T, Stride1D.Dense> buffer = Own(Accelerator.Allocate1D<T>(Math.Max(1, length)));
        buffer.MemSetToZero();
        Stream.Synchronize();
        return buffer;
    }

    /// <summary>What device memory holds, after all that was launched.</summary>
    protected static T[] Download<T>(MemoryBuffer1D<T, Stride1D.Dense> buffer)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(buffer);
        Stream.Synchronize();
        T[] data = new T[buffer.Length];
        buffer.View.BaseView.CopyToCPU(Stream, new Span<T>(data));
        return data;
    }

    /// <summary>Frees something at the end of the test.</summary>
    protected T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    /// <summary>Random floats of about a standard deviation of 1, the same for the same seed.</summary>
    protected static float[] Floats(int seed, int count, float scale = 1f)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2 * scale);
        }
        return values;
    }

    /// <summary>Whether all floats have the same bits.</summary>
    protected static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]),
                $"{what}: element {i} is {actual[i]:R}, expected {expected[i]:R} bit for bit.");
        }
    }

    /// <summary>Whether floats are as near to doubles as a tolerance says.</summary>
    protected static void AssertNear(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance,
                $"{what}: element {i} is {actual[i]:R}, expected {expected[i]:R} within {tolerance:R}.");
        }
    }

    /// <summary>Frees what the test allocated.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _owned.ForEach(owned => owned.Dispose());
            _owned.Clear();
        }
    }
}
