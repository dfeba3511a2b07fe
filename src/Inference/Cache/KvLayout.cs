namespace Winnow.Inference.Cache;

/// <summary>
/// The parts of a stored row, one token's key or value of one head: scales as halves, then codes in units of one size. Quantised rows are
/// padded to whole blocks of 32 with zeros.
/// </summary>
/// <param name="Padded">Elements a value row has room for: whole vectors of 16, or whole blocks.</param>
/// <param name="Scales">Scales of a row; 0 for floats.</param>
/// <param name="Units">Units of codes in a key row: elements, or pairs of 4-bit codes.</param>
/// <param name="UnitBytes">Bytes of a unit.</param>
internal readonly record struct KvLayout(int Padded, int Scales, int Units, int UnitBytes)
{
    /// <summary>Elements under one scale.</summary>
    public const int BlockElements = 32;

    /// <summary>Bytes of a row as it is written, and of a key in the store.</summary>
    public int RowBytes => (Scales * sizeof(ushort)) + (Units * UnitBytes);

    /// <summary>Bytes of a value in the store: floats are padded to vectors of 16.</summary>
    public int ValueRowBytes => Scales > 0 ? RowBytes : Padded * UnitBytes;

    /// <summary>The layout of a form for heads of one size.</summary>
    public static KvLayout Of(KvType type, int headSize)
    {
        int vectors = (headSize + 15) & ~15;
        int blocks = (headSize + BlockElements - 1) / BlockElements;
        int whole = blocks * BlockElements;
        return type switch
        {
            KvType.F32 => new(vectors, 0, headSize, sizeof(float)),
            KvType.Q8_0 => new(whole, blocks, whole, sizeof(byte)),
            KvType.Q4_0 => new(whole, blocks, whole / 2, sizeof(byte)),
            _ => new(vectors, 0, headSize, sizeof(ushort)),
        };
    }
}
