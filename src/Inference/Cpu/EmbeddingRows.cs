using Winnow.Inference.Cpu.Panels;
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
        Decoder decoder = new() { Source = source, BlockBytes = type.BlockBytes(), Columns = columns, Destination = destination };
        PanelFormats.Visit(type, ref decoder);
    }

    private struct Decoder : IFormatVisitor
    {
        public byte* Source;
        public int BlockBytes;
        public int Columns;
        public float* Destination;

        public readonly void VisitBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, IBlockFormat
        {
            byte* codes = stackalloc byte[PanelFormats.BlockElements];
            byte* block = Source;
            for (int i = 0; i < Columns; i += PanelFormats.BlockElements, block += BlockBytes)
            {
                TFormat.ReadCodes(block, codes);
                float scale = BlockScales<TFormat>.Read(block);
                float minimum = TFormat.HasMinimum ? HalfBits.Widen(((ushort*)block)[1]) : 0;
                for (int j = 0; j < PanelFormats.BlockElements; j++)
                {
                    float value = scale * (TCodes.Value(codes[j]) - TFormat.Offset);
                    Destination[i + j] = TFormat.HasMinimum ? value + minimum : value;
                }
            }
        }

        public readonly void VisitFloats<TElements>()
            where TElements : struct, IElements
        {
            for (int i = 0; i < Columns; i++)
            {
                Destination[i] = TElements.Read(Source, i);
            }
        }

        public readonly void VisitSuperBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, ISuperBlockFormat
        {
            byte* codes = stackalloc byte[PanelFormats.BlockElements];
            sbyte* scales = stackalloc sbyte[16];
            byte* minima = stackalloc byte[16];
            for (int i = 0; i < Columns; i += PanelFormats.BlockElements)
            {
                byte* block = Source + ((long)(i / PanelFormats.SuperBlockElements) * BlockBytes);
                float d = HalfBits.Widen(*(ushort*)(block + TFormat.ScaleAt));
                float dmin = TFormat.HasMinimum ? HalfBits.Widen(*(ushort*)(block + TFormat.ScaleAt + 2)) : 0;
                TFormat.ReadScales(block, scales, minima);
                TFormat.ReadCodes(block, i / PanelFormats.BlockElements % PanelFormats.SuperBlockParts, codes);
                for (int j = 0; j < PanelFormats.BlockElements; j++)
                {
                    int sub = (i + j) % PanelFormats.SuperBlockElements / TFormat.SubBlock;
                    float value = d * scales[sub] * (TCodes.Value(codes[j]) - TFormat.Offset);
                    Destination[i + j] = TFormat.HasMinimum ? value - (dmin * minima[sub]) : value;
                }
            }
        }
    }
}
