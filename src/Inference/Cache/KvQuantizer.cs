using Winnow.Inference.Cpu;

namespace Winnow.Inference.Cache;

/// <summary>
/// Rounds one head's key or value to codes in blocks of 32, as ggml rounds its Q8_0 (scale = max|x| / 127, code = x * (127 / max|x|), nearest
/// even) and its Q4_0 (scale = x / -8 of the x largest in size, code = x / scale + 8.5, cut off, at most 15; element i and i + 16 share a byte).
/// Scalar on every path: a token has few of these, and the bits are the same everywhere.
/// </summary>
internal static unsafe class KvQuantizer
{
    private const int Half = KvLayout.BlockElements / 2;

    /// <summary>Quantises a head.</summary>
    /// <param name="type">Q8_0 or Q4_0.</param>
    /// <param name="source">Floats.</param>
    /// <param name="headSize">How many.</param>
    /// <param name="row"><see cref="KvLayout.RowBytes"/> bytes: scales, then codes.</param>
    public static void Run(KvType type, float* source, int headSize, byte* row)
    {
        KvLayout layout = KvLayout.Of(type, headSize);
        ushort* scales = (ushort*)row;
        byte* codes = row + (layout.Scales * sizeof(ushort));
        int blockBytes = layout.Units / layout.Scales;
        float* padded = stackalloc float[KvLayout.BlockElements];
        for (int block = 0; block < layout.Scales; block++, codes += blockBytes)
        {
            float* values = source + (block * KvLayout.BlockElements);
            int count = headSize - (block * KvLayout.BlockElements);
            if (count < KvLayout.BlockElements)
            {
                new Span<float>(padded, KvLayout.BlockElements).Clear();
                new Span<float>(values, count).CopyTo(new Span<float>(padded, count));
                values = padded;
            }
            scales[block] = type == KvType.Q8_0 ? Bytes(values, (sbyte*)codes) : Nibbles(values, codes);
        }
    }

    private static ushort Bytes(float* values, sbyte* codes)
    {
        float largest = 0;
        for (int i = 0; i < KvLayout.BlockElements; i++)
        {
            largest = Math.Max(largest, Math.Abs(values[i]));
        }
        float inverse = largest == 0 ? 0 : 127f / largest;
        for (int i = 0; i < KvLayout.BlockElements; i++)
        {
            codes[i] = (sbyte)Math.Clamp(MathF.Round(values[i] * inverse), -127f, 127f);
        }
        return HalfBits.Narrow(largest / 127f);
    }

    private static ushort Nibbles(float* values, byte* codes)
    {
        float largest = 0;
        for (int i = 0; i < KvLayout.BlockElements; i++)
        {
            largest = Math.Abs(values[i]) > Math.Abs(largest) ? values[i] : largest;
        }
        float scale = largest / -8f;
        float inverse = scale == 0 ? 0 : 1f / scale;
        for (int i = 0; i < Half; i++)
        {
            codes[i] = (byte)(Code(values[i] * inverse) | (Code(values[i + Half] * inverse) << 4));
        }
        return HalfBits.Narrow(scale);
    }

    private static int Code(float value) => (int)Math.Clamp(value + 8.5f, 0f, 15f);
}
