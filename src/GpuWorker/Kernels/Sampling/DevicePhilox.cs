using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Philox4x32-10 for kernels: the words of <c>Winnow.Inference.Sampling.Philox</c>.</summary>
internal static class DevicePhilox
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>The four words of one counter value.</summary>
    /// <param name="draw">Key, and the counter's words 0, 2 and 3.</param>
    /// <param name="group">The counter's word 1: token id / 4.</param>
    public static PhiloxWords Block(DrawParameters draw, uint group)
    {
        uint c0 = draw.Index;
        uint c1 = group;
        uint c2 = draw.Choice;
        uint c3 = draw.Stream;
        uint k0 = draw.SeedLow;
        uint k1 = draw.SeedHigh;
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * c0;
            ulong product1 = (ulong)Multiplier1 * c2;
            c0 = (uint)(product1 >> 32) ^ c1 ^ k0;
            c1 = (uint)product1;
            c2 = (uint)(product0 >> 32) ^ c3 ^ k1;
            c3 = (uint)product0;
            k0 += Weyl0;
            k1 += Weyl1;
        }
        PhiloxWords words = default;
        words.X0 = c0;
        words.X1 = c1;
        words.X2 = c2;
        words.X3 = c3;
        return words;
    }
}
