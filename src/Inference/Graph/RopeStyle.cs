namespace Winnow.Inference.Graph;

/// <summary>Which elements of a head rotary position embedding turns together.</summary>
public enum RopeStyle
{
    /// <summary>Neighbours 2i and 2i + 1 (llama.cpp's NORM, the order of its converted Llama weights).</summary>
    Interleaved,

    /// <summary>Halves i and i + n/2 (GPT-NeoX).</summary>
    Halves,
}
