namespace Winnow.Inference.Cache;

/// <summary>How keys and values are stored. Every reader, the same step included, reads the stored form.</summary>
public enum KvType
{
    /// <summary>IEEE half, rounded to nearest even on write.</summary>
    F16,

    /// <summary>32-bit float.</summary>
    F32,
}
