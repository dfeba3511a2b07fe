namespace Winnow.Inference.Cache;

/// <summary>How keys and values are stored. Every reader, the same step included, reads the stored form.</summary>
public enum KvType
{
    /// <summary>IEEE half, rounded to nearest even on write.</summary>
    F16,

    /// <summary>32-bit float.</summary>
    F32,

    /// <summary>Signed bytes in blocks of 32 along the head, each with a half as its scale; see <see cref="KvQuantizer"/>.</summary>
    Q8_0,

    /// <summary>4-bit codes in blocks of 32 along the head, each with a half as its scale; see <see cref="KvQuantizer"/>.</summary>
    Q4_0,
}
