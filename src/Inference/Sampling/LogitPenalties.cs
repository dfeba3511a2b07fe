using System.Runtime.InteropServices;

namespace Winnow.Inference.Sampling;

/// <summary>A row's penalties.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LogitPenalties
{
    /// <summary>Divides positive and multiplies other logits of seen tokens; 1 is off.</summary>
    public float Repetition;

    /// <summary>Subtracted per occurrence.</summary>
    public float Frequency;

    /// <summary>Subtracted once from the logits of tokens that occur.</summary>
    public float Presence;

    /// <summary>Keeps the size a multiple of 16 bytes.</summary>
    public float Unused;
}
