using System.Runtime.InteropServices;

namespace Winnow.Inference.Sampling;

/// <summary>What happens to one token's logit in one row before the draw; a row names a token at most once.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LogitEdit
{
    /// <summary>Row of the logits; its penalties have the same index.</summary>
    public int Row;

    /// <summary>Token id.</summary>
    public int Token;

    /// <summary>Any of <see cref="HasBias"/>, <see cref="Banned"/> and <see cref="Seen"/>.</summary>
    public int Flags;

    /// <summary>How often output and path have the token.</summary>
    public int Count;

    /// <summary>Added first, when there is one.</summary>
    public float Bias;

    /// <summary>The token has a bias.</summary>
    public const int HasBias = 1;

    /// <summary>The logit becomes negative infinity.</summary>
    public const int Banned = 2;

    /// <summary>Prompt, output or path have the token: the penalties apply.</summary>
    public const int Seen = 4;
}
