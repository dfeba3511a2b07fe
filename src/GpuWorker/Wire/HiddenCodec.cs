using System.Runtime.InteropServices;
using Winnow.Contracts.V1;

namespace Winnow.GpuWorker.Wire;

/// <summary>
/// Hidden states as bytes between shards. A row's bytes depend on the row alone, so that batches and chunks still change nothing; but a
/// rounded row depends on where the model is cut, so that only <see cref="HiddenType.F32"/> gives equal tokens for every number of shards.
/// </summary>
internal static class HiddenCodec
{
    /// <summary>Elements of an 8-bit block: a scale (float32) and as many signed bytes.</summary>
    private const int BlockElements = 32;

    private const int BlockBytes = sizeof(float) + BlockElements;
    private const float LargestHalf = 65504;

    /// <summary>Whether rows may come in this form.</summary>
    public static bool IsKnown(HiddenType type) => type is HiddenType.F32 or HiddenType.F16 or HiddenType.Q8;

    /// <summary>Bytes of a row.</summary>
    public static int RowBytes(HiddenType type, int modelSize) => type switch
    {
        HiddenType.F16 => modelSize * sizeof(ushort),
        HiddenType.Q8 => (modelSize + BlockElements - 1) / BlockElements * BlockBytes,
        _ => modelSize * sizeof(float),
    };

    /// <summary>Writes rows.</summary>
    /// <param name="type">Form.</param>
    /// <param name="rows">Rows x model size.</param>
    /// <param name="modelSize">Elements of a row.</param>
    /// <param name="destination">Rows x <see cref="RowBytes"/>.</param>
    public static void Encode(HiddenType type, ReadOnlySpan<float> rows, int modelSize, Span<byte> destination)
    {
        if (type == HiddenType.F16)
        {
            Span<Half> halves = MemoryMarshal.Cast<byte, Half>(destination);
            for (int i = 0; i < rows.Length; i++)
            {
                // Rounding to infinity would break the row; NaN stays NaN and fails where it is found.
                halves[i] = (Half)Math.Clamp(rows[i], -LargestHalf, LargestHalf);
            }
            return;
        }
        if (type == HiddenType.F32)
        {
            MemoryMarshal.AsBytes(rows).CopyTo(destination);
            return;
        }
        for (; rows.Length > 0; rows = rows[modelSize..])
        {
            for (int start = 0; start < modelSize; start += BlockElements)
            {
                EncodeBlock(rows[start..Math.Min(start + BlockElements, modelSize)], destination[..BlockBytes]);
                destination = destination[BlockBytes..];
            }
        }
    }

    /// <summary>Reads rows; <paramref name="rows"/> is as long as they are.</summary>
    public static void Decode(HiddenType type, ReadOnlySpan<byte> source, int modelSize, Span<float> rows)
    {
        if (type == HiddenType.F16)
        {
            ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(source);
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = (float)halves[i];
            }
            return;
        }
        if (type == HiddenType.F32)
        {
            source.CopyTo(MemoryMarshal.AsBytes(rows));
            return;
        }
        for (; rows.Length > 0; rows = rows[modelSize..])
        {
            for (int start = 0; start < modelSize; start += BlockElements)
            {
                float scale = MemoryMarshal.Read<float>(source);
                Span<float> block = rows[start..Math.Min(start + BlockElements, modelSize)];
                for (int i = 0; i < block.Length; i++)
                {
                    block[i] = scale * (sbyte)source[sizeof(float) + i];
                }
                source = source[BlockBytes..];
            }
        }
    }

    private static void EncodeBlock(ReadOnlySpan<float> block, Span<byte> destination)
    {
        float largest = 0;
        foreach (float value in block)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }
        float scale = largest / sbyte.MaxValue;
        float inverse = scale > 0 ? 1 / scale : 0;
        MemoryMarshal.Write(destination, scale);
        destination = destination[sizeof(float)..];
        destination.Clear();
        for (int i = 0; i < block.Length; i++)
        {
            destination[i] = (byte)(sbyte)Math.Clamp(MathF.Round(block[i] * inverse), -sbyte.MaxValue, sbyte.MaxValue);
        }
    }
}
