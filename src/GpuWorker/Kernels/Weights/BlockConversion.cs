using Winnow.Inference.Cpu;
using Winnow.Inference.Cpu.Panels;
using Winnow.Inference.Files;

namespace Winnow.GpuWorker.Kernels.Weights;

/// <summary>Makes rows of file types that are no form of their own into rows of one: exactly into Q8_0, Q6_K and BF16, rounded into F16.</summary>
internal static unsafe class BlockConversion
{
    private const int ByteBlockBytes = 34;
    private const int SixBitBlockBytes = 210;

    /// <summary>The file type whose blocks a form stores.</summary>
    public static GgmlType NativeType(WeightForm form) => form switch
    {
        WeightForm.Q4_0 => GgmlType.Q4_0,
        WeightForm.Q8_0 => GgmlType.Q8_0,
        WeightForm.Q4_K => GgmlType.Q4_K,
        WeightForm.Q6_K => GgmlType.Q6_K,
        WeightForm.F16 => GgmlType.F16,
        WeightForm.BF16 => GgmlType.BF16,
        _ => GgmlType.F32,
    };

    /// <summary>Converts a row.</summary>
    /// <param name="type">Its type, not the form's own.</param>
    /// <param name="row">The row as the file stores it.</param>
    /// <param name="columns">Elements, whole blocks.</param>
    /// <param name="form">What <see cref="WeightForms.Of"/> says of the type.</param>
    /// <param name="floats">As many floats, for rows that become floats.</param>
    /// <param name="destination">The row in the form's own type.</param>
    public static void Convert(GgmlType type, byte* row, int columns, WeightForm form, float* floats, byte* destination)
    {
        switch (form)
        {
            case WeightForm.Q8_0:
                ByteBlocks blocks = new() { Source = row, BlockBytes = type.BlockBytes(), Columns = columns, Destination = destination };
                PanelFormats.Visit(type, ref blocks);
                break;
            case WeightForm.Q6_K:
                for (int i = 0; i < columns / PanelFormats.SuperBlockElements; i++)
                {
                    ThreeToSixBits(row + (i * type.BlockBytes()), destination + (i * SixBitBlockBytes));
                }
                break;
            default:
                EmbeddingRows.Read(type, row, 0, columns, floats);
                Round(floats, columns, form, (ushort*)destination);
                break;
        }
    }

    private static void Round(float* floats, int columns, WeightForm form, ushort* destination)
    {
        for (int i = 0; i < columns; i++)
        {
            destination[i] = form == WeightForm.F16
                ? BitConverter.HalfToUInt16Bits((Half)Math.Clamp(floats[i], -65504f, 65504f))
                : (ushort)(BitConverter.SingleToUInt32Bits(floats[i]) >> 16);
        }
    }

    // d s (c - 4) is d s (c + 28 - 32): both have 16 scales.
    private static void ThreeToSixBits(byte* block, byte* destination)
    {
        byte* codes = stackalloc byte[PanelFormats.SuperBlockElements];
        new Span<byte>(destination, SixBitBlockBytes).Clear();
        for (int part = 0; part < PanelFormats.SuperBlockParts; part++)
        {
            Q3SuperFormat.ReadCodes(block, part, codes + (part * PanelFormats.BlockElements));
        }
        for (int i = 0; i < PanelFormats.SuperBlockElements; i++)
        {
            int code = codes[i] - Q3SuperFormat.Offset + Q6SuperFormat.Offset;
            int half = i / 128;
            int sub = i / 32 % 4;
            int lane = i % 32;
            destination[(64 * half) + (32 * (sub % 2)) + lane] |= (byte)((code & 15) << (sub / 2 * 4));
            destination[128 + (32 * half) + lane] |= (byte)(code >> 4 << (2 * sub));
        }
        byte* unused = stackalloc byte[16];
        Q3SuperFormat.ReadScales(block, (sbyte*)(destination + 192), unused);
        *(ushort*)(destination + Q6SuperFormat.ScaleAt) = *(ushort*)(block + Q3SuperFormat.ScaleAt);
    }

    private struct ByteBlocks : IFormatVisitor
    {
        public byte* Source;
        public int BlockBytes;
        public int Columns;
        public byte* Destination;

        public readonly void VisitBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, IBlockFormat
        {
            byte* codes = stackalloc byte[PanelFormats.BlockElements];
            for (int i = 0; i < Columns / PanelFormats.BlockElements; i++)
            {
                byte* block = Source + (i * BlockBytes);
                byte* destination = Destination + (i * ByteBlockBytes);
                TFormat.ReadCodes(block, codes);
                *(ushort*)destination = *(ushort*)block;
                for (int j = 0; j < PanelFormats.BlockElements; j++)
                {
                    destination[2 + j] = (byte)(sbyte)(TCodes.Value(codes[j]) - TFormat.Offset);
                }
            }
        }

        public readonly void VisitFloats<TElements>()
            where TElements : struct, IElements => throw new InvalidOperationException("Floats are not in blocks.");

        public readonly void VisitSuperBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, ISuperBlockFormat => throw new InvalidOperationException("Super-blocks do not become blocks.");
    }
}
