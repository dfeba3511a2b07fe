using System.Runtime.InteropServices;

namespace Winnow.Inference.Sampling;

/// <summary>A token and its logit.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Candidate
{
    /// <summary>Token id.</summary>
    public int Token;

    /// <summary>Its logit; 0 for -0.</summary>
    public float Logit;
}
