using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>Every weight type: hand-made blocks, an independent decoder, products against doubles, packed sizes and refusals.</summary>
public sealed unsafe class WeightTypeTests
{
    public static TheoryData<GgmlType> Types => [.. WeightDecoder.AllTypes];

    [Theory]
    [MemberData(nameof(Types))]
    public void Read_HandMadeBlock_GivesTheValues(GgmlType type)
    {
        float[] row = Read(type, HandMadeBlocks.Block(type));

        Assert.All(HandMadeBlocks.Values(type), expected => Assert.Equal(expected, (expected.Element, row[expected.Element])));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void MatMul_HandMadeBlockAndOneInput_GivesTheValue(GgmlType type)
    {
        byte[] block = HandMadeBlocks.Block(type);

        foreach (CpuKernels sut in CpuKernels.Supported)
        {
            foreach ((int element, float value) in HandMadeBlocks.Values(type))
            {
                float[] input = new float[type.BlockElements()];
                input[element] = 127;
                Assert.Equal((sut.Name, element, 127 * value), (sut.Name, element, Product(sut, type, block, input)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Decoder_HandMadeBlock_GivesTheValues(GgmlType type)
    {
        double[] row = WeightDecoder.Row(type, HandMadeBlocks.Block(type));

        Assert.All(HandMadeBlocks.Values(type), expected => Assert.Equal(expected.Value, row[expected.Element]));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Read_RandomBlocks_AgreesWithTheDecoder(GgmlType type)
    {
        byte[] data = RandomRow(type, blocks: 20, seed: 3);

        double[] expected = WeightDecoder.Row(type, data);
        float[] actual = Read(type, data);

        double largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second - pair.First, -1e-6 * largest, 1e-6 * largest));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void MatMul_RandomBlocks_AgreesWithDoubles(GgmlType type)
    {
        int block = type.BlockElements();
        byte[] data = RandomRow(type, blocks: block == 1 ? 77 : 5, seed: 8);
        Random random = new(8);
        float[] input = [.. Enumerable.Range(0, data.Length / type.BlockBytes() * block).Select(_ => RandomWeights.Gaussian(random))];
        double[] weights = WeightDecoder.Row(type, data);
        double[] rounded = block == 1 ? [.. input.Select(x => (double)x)] : [.. input.Chunk(block).SelectMany(RoundTo8Bits)];

        double exact = weights.Zip(rounded, (w, x) => w * x).Sum();
        double magnitude = weights.Zip(rounded, (w, x) => Math.Abs(w * x)).Sum();
        // The weights' minima meet sums of activations whose scale is rounded to half on its own.
        double tolerance = type is GgmlType.Q4_1 or GgmlType.Q5_1 ? 1e-3 : 1e-6;
        Assert.All(
            CpuKernels.Supported,
            sut => Assert.InRange(Product(sut, type, data, input) - exact, -tolerance * magnitude, tolerance * magnitude));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Bytes_WholePanels_AreTheFilesOrLittleMore(GgmlType type)
    {
        const int Rows = 64;
        const int Columns = 512;
        byte[] data = new byte[type.RowBytes(Columns) * Rows];
        fixed (byte* source = data)
        {
            using WeightMatrix sut = WeightMatrix.Create(type, Rows, Columns, source);

            Assert.InRange(sut.Bytes, data.Length, data.Length * 1.037);
        }
    }

    [Theory]
    [InlineData(GgmlType.Q8_K)]
    [InlineData(GgmlType.IQ2_XXS)]
    [InlineData(GgmlType.I32)]
    public void Create_UnsupportedType_NamesTheSupportedOnes(GgmlType type)
    {
        string message = Assert.Throws<ArgumentException>(() => WeightMatrix.Create(type, 1, 256, null)).Message;

        Assert.Contains($"'{type}'", message);
        Assert.All(WeightDecoder.AllTypes, supported => Assert.Contains(supported.ToString(), message));
    }

    [Theory]
    [InlineData(GgmlType.Q4_1, 48)]
    [InlineData(GgmlType.MXFP4, 33)]
    [InlineData(GgmlType.Q4_K, 288)]
    public void Create_PartOfABlock_IsRefused(GgmlType type, int columns) =>
        Assert.Throws<ArgumentException>(() => WeightMatrix.Create(type, 1, columns, null));

    private static byte[] RandomRow(GgmlType type, int blocks, int seed)
    {
        Random random = new(seed);
        byte[] data = new byte[blocks * type.BlockBytes()];
        for (int at = 0; at < data.Length; at += type.BlockBytes())
        {
            RandomWeights.Fill(type, data.AsSpan(at, type.BlockBytes()), random, 0.7f);
        }
        return data;
    }

    private static IEnumerable<double> RoundTo8Bits(float[] block)
    {
        float scale = block.Max(MathF.Abs) / 127;
        double rounded = block.Length == 32 ? (double)(Half)scale : scale;
        return block.Select(x => Math.Round(x / (double)scale) * rounded);
    }

    private static float[] Read(GgmlType type, byte[] data)
    {
        float[] row = new float[data.Length / type.BlockBytes() * type.BlockElements()];
        fixed (byte* source = data)
        {
            fixed (float* destination = row)
            {
                EmbeddingRows.Read(type, source, 0, row.Length, destination);
            }
        }
        return row;
    }

    private static float Product(CpuKernels kernels, GgmlType type, byte[] data, float[] input)
    {
        float result = 0;
        float[] padded = [.. input, .. new float[16]];
        using NativeBuffer memory = new(QuantizedRows.BytesFor(1, padded.Length + 256));
        QuantizedRows quantized = new(memory.Pointer, 1, input.Length / 32 * 32);
        fixed (byte* weights = data)
        {
            fixed (float* x = padded)
            {
                using WeightMatrix matrix = WeightMatrix.Create(type, 1, input.Length, weights);
                kernels.Quantize(x, quantized, 0, matrix.InputForm);
                ActivationRows rows = new((IntPtr)x, padded.Length, quantized);
                kernels.MatMul(matrix, rows, 1, 0, 1, new OutputRows((IntPtr)(&result), 16, Add: false));
            }
        }
        return result;
    }
}
