using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>Every width gives the bits of the scalar reference, and the hashes below on every machine.</summary>
public sealed unsafe class KernelPathTests
{
    private static readonly CpuKernels Scalar = CpuKernels.Supported[^1];
    private static readonly int[] OddSizes = [1, 2, 3, 7, 13, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129];

    public static TheoryData<string, GgmlType> PathsAndTypes()
    {
        TheoryData<string, GgmlType> data = [];
        foreach (CpuKernels kernels in CpuKernels.Supported)
        {
            foreach (GgmlType type in WeightDecoder.AllTypes)
            {
                data.Add(kernels.Name, type);
            }
        }
        return data;
    }

    public static TheoryData<string> Paths() => [.. CpuKernels.Supported.Select(kernels => kernels.Name)];

    [Theory]
    [MemberData(nameof(PathsAndTypes))]
    public void MatMul_AnySizes_EqualsScalar(string path, GgmlType type)
    {
        CpuKernels sut = Find(path);
        foreach (int size in OddSizes)
        {
            int block = type.BlockElements();
            int columns = (size + block - 1) / block * block;
            using KernelCase data = new(type, outputs: size, columns, rows: 1 + (size % 9), seed: size);

            Bits.AssertEqual(data.Multiply(Scalar), data.Multiply(sut), $"{path} {type} {size}");
        }
    }

    [Theory]
    [MemberData(nameof(PathsAndTypes))]
    public void MatMul_RowsTogetherOrAlone_GivesTheSameBits(string path, GgmlType type)
    {
        const int Rows = 13;
        const int Outputs = 21;
        using KernelCase data = new(type, Outputs, columns: 3 * type.BlockElements() * (type.BlockElements() == 1 ? 25 : 1), Rows, seed: 5);
        CpuKernels sut = Find(path);
        float[] together = data.Multiply(sut);

        for (int row = 0; row < Rows; row++)
        {
            Bits.AssertEqual(together.AsSpan(row * Outputs, Outputs), data.Multiply(sut, row, 1), $"row {row}");
        }
    }

    [Theory]
    [InlineData(GgmlType.F32, "39f80d1720c9afbe")]
    [InlineData(GgmlType.F16, "43db3575a7f0bc8b")]
    [InlineData(GgmlType.BF16, "154a2c1364287d68")]
    [InlineData(GgmlType.Q4_0, "bde7198e6135c9c0")]
    [InlineData(GgmlType.Q4_1, "5ad41b291a9d7138")]
    [InlineData(GgmlType.Q5_0, "d12f354b4ccb51ed")]
    [InlineData(GgmlType.Q5_1, "fbddad1dc05a22b4")]
    [InlineData(GgmlType.Q8_0, "1eebc741a811c7a6")]
    [InlineData(GgmlType.Q2_K, "bd1b5bd128c7ffeb")]
    [InlineData(GgmlType.Q3_K, "df21cc9ff611f0ca")]
    [InlineData(GgmlType.Q4_K, "6809e9bda88fbe43")]
    [InlineData(GgmlType.Q5_K, "4a62571275107838")]
    [InlineData(GgmlType.Q6_K, "4de59f38aa5cb975")]
    [InlineData(GgmlType.IQ4_NL, "1eed983a2c135a1e")]
    [InlineData(GgmlType.IQ4_XS, "322b309e56f6de44")]
    [InlineData(GgmlType.MXFP4, "79d61610621b52b4")]
    public void MatMul_FixedSeed_GivesTheGoldenHash(GgmlType type, string expected)
    {
        int columns = type.BlockElements() == 256 ? 768 : 160;
        using KernelCase data = new(type, outputs: 37, columns, rows: 7, seed: 42);

        Assert.All(CpuKernels.Supported, sut => Assert.Equal((sut.Name, expected), (sut.Name, KernelCase.Hash(data.Multiply(sut)))));
    }

    [Fact]
    public void MatMul_AnySeed_EqualsScalar() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed =>
        {
            Random random = new(seed);
            GgmlType type = WeightDecoder.AllTypes[random.Next(WeightDecoder.AllTypes.Length)];
            int columns = type.BlockElements() > 1 ? type.BlockElements() * random.Next(1, 9) : random.Next(1, 200);
            using KernelCase data = new(type, random.Next(1, 50), columns, random.Next(1, 10), seed);
            float[] expected = data.Multiply(Scalar);
            return CpuKernels.Supported.All(sut => Bits.FirstDifferent(expected, data.Multiply(sut)) < 0);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Paths))]
    public void RowOperations_AnySizes_EqualScalar(string path)
    {
        CpuKernels sut = Find(path);
        foreach (int size in OddSizes)
        {
            Bits.AssertEqual(RowOperations(Scalar, size), RowOperations(sut, size), $"{path} {size}");
        }
    }

    [Fact]
    public void RowOperations_FixedSeed_GiveTheGoldenHash() =>
        Assert.All(CpuKernels.Supported, sut => Assert.Equal((sut.Name, "cff006a4817bbde5"), (sut.Name, KernelCase.Hash(RowOperations(sut, 129)))));

    [Theory]
    [MemberData(nameof(Paths))]
    public void Quantize_AnyValues_EqualsScalar(string path)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            Assert.Equal(QuantizedBytes(Scalar, seed), QuantizedBytes(Find(path), seed));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.MaxValue)]
    [InlineData(float.Epsilon)]
    [InlineData(1e-40f)]
    public void Quantize_ExtremeValue_EqualsScalar(float extreme) =>
        Assert.All(CpuKernels.Supported, sut => Assert.Equal(QuantizedBytes(Scalar, 7, extreme), QuantizedBytes(sut, 7, extreme)));

    private static CpuKernels Find(string name) => CpuKernels.Supported.Single(kernels => kernels.Name == name);

    // Norm, SiLU and conversion to halves of one random row, one after the other.
    private static float[] RowOperations(CpuKernels kernels, int size)
    {
        int padded = (size + 15) & ~15;
        Random random = new(size);
        float[] row = new float[4 * padded];
        ushort[] halves = new ushort[padded];
        for (int i = 0; i < size; i++)
        {
            row[i] = KernelCase.Value(random);
            row[padded + i] = KernelCase.Value(random);
            row[(3 * padded) + i] = 30 * KernelCase.Value(random);
        }
        fixed (float* x = row)
        {
            fixed (ushort* half = halves)
            {
                kernels.RmsNorm(x, x + padded, size, 1e-5f, x + (2 * padded));
                kernels.Gate(Activation.Silu, x + (3 * padded), x + (2 * padded), size);
                kernels.ToHalf(x + (3 * padded), half, size);
            }
        }
        return [.. row, .. halves.Select(half => (float)half)];
    }

    private static byte[] QuantizedBytes(CpuKernels kernels, int seed, float? extreme = null)
    {
        const int Columns = 512;
        Random random = new(seed);
        float[] row = [.. Enumerable.Range(0, Columns).Select(_ => seed == 0 ? 0 : KernelCase.Value(random))];
        row[40] = extreme ?? row[40];
        using NativeBuffer memory = new(QuantizedRows.BytesFor(1, Columns));
        fixed (float* source = row)
        {
            kernels.Quantize(source, new QuantizedRows(memory.Pointer, 1, Columns), 0, InputForms.Blocks | InputForms.SuperBlocks);
        }
        return new Span<byte>(memory.Pointer, (int)memory.Bytes).ToArray();
    }
}
