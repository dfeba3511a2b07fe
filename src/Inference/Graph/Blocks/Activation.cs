namespace Winnow.Inference.Graph;

/// <summary>The function on the gate of a feed-forward layer.</summary>
public enum Activation
{
    /// <summary><c>x / (1 + e^-x)</c> (SwiGLU, Shazeer, arXiv 2002.05202).</summary>
    Silu,

    /// <summary><c>x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))</c> (GeGLU with the tanh form of GELU, Hendrycks and Gimpel, arXiv 1606.08415).</summary>
    GeluTanh,
}
