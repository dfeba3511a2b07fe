using System.Runtime.InteropServices;

namespace Winnow.Inference.Sampling;

/// <summary>How the token of one row is drawn, as kernels read it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DrawParameters
{
    /// <summary>Low half of the seed.</summary>
    public uint SeedLow;

    /// <summary>High half of the seed.</summary>
    public uint SeedHigh;

    /// <summary>Generation index.</summary>
    public uint Index;

    /// <summary>Choice index.</summary>
    public uint Choice;

    /// <summary>Fourth counter word of the noise.</summary>
    public uint Stream;

    /// <summary>Temperature; 0 takes the largest logit.</summary>
    public float Temperature;

    /// <summary>Describes a draw.</summary>
    /// <param name="seed">The request's seed.</param>
    /// <param name="choice">The choice index.</param>
    /// <param name="generationIndex">0 for the first token after the prompt.</param>
    /// <param name="temperature">0 or above.</param>
    /// <param name="stream">Fourth counter word; 0 for the target's token.</param>
    public static DrawParameters Of(ulong seed, int choice, int generationIndex, float temperature, uint stream = 0) => new()
    {
        SeedLow = (uint)seed,
        SeedHigh = (uint)(seed >> 32),
        Index = (uint)generationIndex,
        Choice = (uint)choice,
        Stream = stream,
        Temperature = temperature,
    };
}
