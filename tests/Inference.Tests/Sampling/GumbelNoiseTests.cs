using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Sampling;

public sealed class GumbelNoiseTests
{
    // The words and, to 14 digits, the values were computed apart from this code with Python's integers and math.log.
    [Theory]
    [InlineData(0ul, 0, 0, 0, 0x6627e8d5u, 0x3fb5b6c7ac8fd9d3, 0.08482025111138775)]
    [InlineData(0ul, 0, 0, 5, 0xea236249u, 0x4003543f6641a412, 2.4161365498334897)]
    [InlineData(0x123456789abcdeful, 0, 0, 7, 0x5d27ddd9u, unchecked((long)0xbf8636551655410c), -0.010845818275499153)]
    [InlineData(0x123456789abcdeful, 1, 3, 1000, 0x39c0c059u, unchecked((long)0xbfd97a9594ef9bed), -0.3981069521382201)]
    [InlineData(ulong.MaxValue, 2, 100, 128255, 0x8aac8e09u, 0x3fdf50ccfc6f51e0, 0.4893066849884047)]
    public void Of_GoldenKeys_GivesGoldenBits(ulong seed, int choice, int index, int token, uint word, long bits, double value)
    {
        GumbelNoise sut = new(seed, choice, index);

        Assert.Equal(word, sut.Words(token / 4)[token]);
        Assert.Equal(bits, BitConverter.DoubleToInt64Bits(sut.Of(token)));
        Assert.Equal(value, sut.Of(token), 1e-14);
    }

    [Fact]
    public void FromWord_AMillionWords_HashesToTheGoldenValue()
    {
        ulong hash = 0;
        for (uint i = 0; i < 1_000_000; i++)
        {
            hash = (hash * 6364136223846793005) + (ulong)BitConverter.DoubleToInt64Bits(GumbelNoise.FromWord(i * 2654435761));
        }
        Assert.Equal(0x2ac9d8094bda44e7ul, hash);
    }

    [Fact]
    public void Bound_AnyWord_IsAboveTheNoiseAndTheNoiseBelowTheLargest()
    {
        Random random = new(8);
        for (int i = 0; i < 100_000; i++)
        {
            uint word = i < 64 ? uint.MaxValue - (uint)i : (uint)random.NextInt64() | (i % 3 == 0 ? 0xFFFF0000 : 0);
            double noise = GumbelNoise.FromWord(word);
            Assert.True(noise <= GumbelNoise.Bound(word) && noise < GumbelNoise.Largest, $"Word {word:x8} gives {noise}.");
        }
    }
}
