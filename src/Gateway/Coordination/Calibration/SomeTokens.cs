namespace Winnow.Gateway.Coordination.Calibration;

/// <summary>Tokens to compute with where it does not matter which.</summary>
internal static class SomeTokens
{
    /// <summary>So many ids of a vocabulary; other sequences get others.</summary>
    public static int[] Of(int sequence, int count, int vocabularySize)
    {
        var tokens = new int[count];
        for (int i = 0; i < count; i++)
        {
            tokens[i] = (int)((uint)((sequence * 31) + (i * 7) + 1) % (uint)vocabularySize);
        }
        return tokens;
    }
}
