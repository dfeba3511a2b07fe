using Winnow.Inference.Cpu.Panels;

namespace Winnow.Inference.Tests.Cpu;

public sealed unsafe class SixBitScalesTests
{
    [Fact]
    public void Open_ClosedValues_GivesThemBack()
    {
        byte[] expected = new byte[SixBitScales.Count];
        byte* stored = stackalloc byte[SixBitScales.Bytes];
        byte* values = stackalloc byte[SixBitScales.Count];
        for (int seed = 0; seed < 20; seed++)
        {
            Random random = new(seed);
            for (int i = 0; i < expected.Length; i++)
            {
                expected[i] = (byte)random.Next(64);
            }
            fixed (byte* open = expected)
            {
                SixBitScales.Close(open, stored);
            }
            SixBitScales.Open(stored, values);

            Assert.Equal(expected, new ReadOnlySpan<byte>(values, SixBitScales.Count).ToArray());
        }
    }

    [Theory]
    [InlineData(0, 0, 63)]
    [InlineData(191, 191, 63)]
    [InlineData(192, 0, 0xC0)]
    [InlineData(192, 64, 0xC0)]
    [InlineData(255, 191, 0xC0)]
    public void Close_OneValue_LiesWhereTheLayoutSays(int value, int stored, int expected)
    {
        byte* values = stackalloc byte[SixBitScales.Count];
        byte* bytes = stackalloc byte[SixBitScales.Bytes];
        new Span<byte>(values, SixBitScales.Count).Clear();
        values[value] = 63;

        SixBitScales.Close(values, bytes);

        Assert.Equal(expected, bytes[stored]);
    }
}
