using Winnow.Contracts.V1;
using Winnow.GpuWorker.Wire;

namespace Winnow.GpuWorker.Tests.Wire;

/// <summary>Rows of hidden states as bytes, and back.</summary>
public sealed class HiddenCodecTests
{
    private const int ModelSize = 75;

    [Theory]
    [InlineData(HiddenType.F32, 300)]
    [InlineData(HiddenType.F16, 150)]
    [InlineData(HiddenType.Q8, 108)]
    public void RowBytes_OfAForm_IsItsSize(HiddenType type, int bytes) => Assert.Equal(bytes, HiddenCodec.RowBytes(type, ModelSize));

    [Theory]
    [InlineData(HiddenType.F32, 0)]
    [InlineData(HiddenType.F16, 1 / 2048f)]
    [InlineData(HiddenType.Q8, 0)]
    public void Decode_OfWhatWasEncoded_IsAsNearAsTheFormAllows(HiddenType type, float relative)
    {
        float[] rows = Rows(4);

        float[] back = RoundTrip(type, rows);

        for (int i = 0; i < rows.Length; i++)
        {
            int block = i - (i % ModelSize % 32);
            int end = Math.Min(block + 32, ((i / ModelSize) + 1) * ModelSize);
            float step = type == HiddenType.Q8 ? rows[block..end].Max(Math.Abs) / 127 : 0;
            Assert.InRange(back[i], rows[i] - (0.501f * step) - Math.Abs(relative * rows[i]), rows[i] + (0.501f * step) + Math.Abs(relative * rows[i]));
        }
    }

    [Theory]
    [InlineData(HiddenType.F16)]
    [InlineData(HiddenType.Q8)]
    public void Encode_OfARow_DoesNotDependOnItsNeighbours(HiddenType type)
    {
        float[] rows = Rows(3);

        Assert.Equal(RoundTrip(type, rows)[ModelSize..(2 * ModelSize)], RoundTrip(type, rows[ModelSize..(2 * ModelSize)]));
    }

    [Theory]
    [InlineData(HiddenType.F16, 1e6f, 65504)]
    [InlineData(HiddenType.Q8, 0, 0)]
    [InlineData(HiddenType.Q8, 1e6f, 1e6f)]
    public void Encode_OfExtremes_StaysFinite(HiddenType type, float value, float expected)
    {
        float[] back = RoundTrip(type, [.. Enumerable.Repeat(value, ModelSize)]);

        Assert.All(back, element => Assert.Equal(expected, element, expected * 1e-6f));
    }

    [Theory]
    [InlineData(HiddenType.F16)]
    [InlineData(HiddenType.Q8)]
    public void Encode_OfNan_StaysNan(HiddenType type)
    {
        float[] row = Rows(1);
        row[3] = float.NaN;

        Assert.Contains(RoundTrip(type, row), float.IsNaN);
    }

    private static float[] Rows(int count)
    {
        Random random = new(1);
        return [.. Enumerable.Range(0, count * ModelSize).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Exp(6 * random.NextDouble())))];
    }

    private static float[] RoundTrip(HiddenType type, float[] rows)
    {
        byte[] bytes = new byte[rows.Length / ModelSize * HiddenCodec.RowBytes(type, ModelSize)];
        HiddenCodec.Encode(type, rows, ModelSize, bytes);
        float[] back = new float[rows.Length];
        HiddenCodec.Decode(type, bytes, ModelSize, back);
        return back;
    }
}
