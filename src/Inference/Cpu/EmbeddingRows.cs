using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu;

/// <summary>Decodes single rows of a matrix as a file stores it.</summary>
internal static unsafe class EmbeddingRows
{
    /// <summary>Writes a row as floats.</summary>
    /// <param name="type">A supported element type.</param>
    /// <param name="matrix">First row.</param>
    /// <param name="row">Row to decode.</param>
    /// <param name="columns">Elements, whole blocks.</param>
    /// <param name="destination">That many floats.</param>
    public static void Read(GgmlType type, byte* matrix, int row, int columns, float* destination)
    {
        byte* source = matrix + (row * type.RowBytes(columns));
        switch (type)
        {
            case GgmlType.F32:
                Buffer.MemoryCopy(source, destination, columns * sizeof(float), columns * sizeof(float));
                break;
            case GgmlType.F16:
                for (int i = 0; i < columns; i++)
                {
                    destination[i] = HalfBits.Widen(((ushort*)source)[i]);
                }
                break;
            case GgmlType.Q8_0:
                ReadQ8(source, columns, destination);
                break;
            default:
                ReadQ4(source, columns, destination);
                break;
        }
    }

    private static void ReadQ8(byte* source, int columns, float* destination)
    {
        for (int i = 0; i < columns; i += 32, source += 34)
        {
            float scale = HalfBits.Widen(*(ushort*)source);
            for (int j = 0; j < 32; j++)
            {
                destination[i + j] = scale * (sbyte)source[2 + j];
            }
        }
    }

    private static void ReadQ4(byte* source, int columns, float* destination)
    {
        for (int i = 0; i < columns; i += 32, source += 18)
        {
            float scale = HalfBits.Widen(*(ushort*)source);
            for (int j = 0; j < 16; j++)
            {
                destination[i + j] = scale * ((source[2 + j] & 15) - 8);
                destination[i + j + 16] = scale * ((source[2 + j] >> 4) - 8);
            }
        }
    }
}
