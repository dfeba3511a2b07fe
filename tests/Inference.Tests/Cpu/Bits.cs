namespace Winnow.Inference.Tests.Cpu;

/// <summary>Compares floats by their bits.</summary>
internal static class Bits
{
    public static void AssertEqual(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string context)
    {
        Assert.Equal(expected.Length, actual.Length);
        int different = FirstDifferent(expected, actual);
        Assert.True(
            different < 0,
            different < 0 ? "" : $"{context}: element {different} is {actual[different]:R} instead of {expected[different]:R}");
    }

    public static int FirstDifferent(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
            {
                return i;
            }
        }
        return -1;
    }
}
