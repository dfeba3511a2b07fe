using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;

namespace Winnow.Kernels.Suite;

/// <summary>The instructions of tensor cores, each against a product of three loops; numbers are small integers, so that floats are exact too.</summary>
public abstract class TensorSuite : KernelSuite
{
    [TensorFact]
    public void Bytes32_OfRandomBytes_IsTheProduct() =>
        AssertProduct(32, TensorKernels.Bytes32, value => [(byte)(sbyte)value], transposed: false);

    [TensorFact]
    public void Bytes16_OfRandomBytes_IsTheProduct() =>
        AssertProduct(16, TensorKernels.Bytes16, value => [(byte)(sbyte)value], transposed: false);

    [TensorFact]
    public void Brains16_OfSmallIntegers_IsTheProduct() =>
        AssertProduct(16, TensorKernels.Brains16, value => BitConverter.GetBytes(value)[2..], transposed: false);

    [TensorFact]
    public void Halves16_LoadedTransposed_IsTheProduct() =>
        AssertProduct(16, TensorKernels.Halves16, value => BitConverter.GetBytes((System.Half)value), transposed: true);

    private void AssertProduct(int inputs, Action<ArrayView<Quad>, ArrayView<int>> kernel, Func<float, byte[]> bytes, bool transposed)
    {
        Random random = new(inputs);
        float[,] a = Integers(random, 16, inputs);
        float[,] b = Integers(random, 8, inputs);
        IEnumerable<float> columns = transposed
            ? Enumerable.Range(0, inputs * 8).Select(i => b[i % 8, i / 8])
            : b.Cast<float>();
        byte[] data = [.. a.Cast<float>().Concat(columns).SelectMany(bytes)];
        MemoryBuffer1D<Quad, Stride1D.Dense> input = Upload(MemoryMarshal.Cast<byte, Quad>(data).ToArray());
        MemoryBuffer1D<int, Stride1D.Dense> output = Allocate<int>(128);
        Action<AcceleratorStream, KernelConfig, ArrayView<Quad>, ArrayView<int>> run =
            Accelerator.LoadKernel<ArrayView<Quad>, ArrayView<int>>(kernel);
        run(Stream, new KernelConfig(1, 32), input.View.BaseView, output.View.BaseView);
        int[] actual = Download(output);
        for (int i = 0; i < 128; i++)
        {
            int expected = 1 + (i & 1) + (i / 64 * 2);
            for (int k = 0; k < inputs; k++)
            {
                expected += (int)(a[i / 8, k] * b[i % 8, k]);
            }
            Assert.True(expected == actual[i], $"row {i / 8}, column {i % 8}: {actual[i]}, expected {expected}.");
        }
    }

    private static float[,] Integers(Random random, int rows, int columns)
    {
        float[,] values = new float[rows, columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i / columns, i % columns] = random.Next(-128, 128);
        }
        return values;
    }
}
