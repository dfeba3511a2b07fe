using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Interleaves 16 rows of a block-quantised matrix so that one vector lane owns one output, with all quants first and all scales after.
/// </summary>
/// <remarks>
/// Per panel and block of 32 inputs. Q8_0: 8 chunks of 64 bytes; chunk c holds, row by row, the four codes of inputs 4c to 4c+3.
/// Q4_0: 4 chunks of 64 bytes; the low nibbles of chunk c are chunk c of the same order, the high nibbles chunk c + 4.
/// Scales: 16 halves. Four neighbours of one row stay together because that is what integer dot instructions of all processors take.
/// Rows past the end have scale 0.
/// </remarks>
internal static unsafe class PanelPacking
{
    /// <summary>Bytes of a panel's quants in one block.</summary>
    public static int BlockQuantBytes(GgmlType type) => type == GgmlType.Q8_0 ? 512 : 256;

    /// <summary>Bytes of all quants of a matrix.</summary>
    public static long QuantBytes(GgmlType type, int panels, int columns) =>
        (long)panels * (columns / WeightMatrix.BlockElements) * BlockQuantBytes(type);

    /// <summary>Packs a row-major matrix of Q8_0 or Q4_0 blocks.</summary>
    public static NativeBuffer Pack(GgmlType type, int rows, int columns, byte* data)
    {
        int blocks = columns / WeightMatrix.BlockElements;
        int panels = (rows + WeightMatrix.PanelRows - 1) / WeightMatrix.PanelRows;
        long quantBytes = QuantBytes(type, panels, columns);
        NativeBuffer packed = new(quantBytes + (long)panels * blocks * WeightMatrix.PanelRows * sizeof(ushort));
        ushort* scales = (ushort*)(packed.Pointer + quantBytes);
        int blockBytes = type.BlockBytes();
        for (int row = 0; row < rows; row++)
        {
            byte* source = data + (long)row * blocks * blockBytes;
            long firstBlock = (long)(row / WeightMatrix.PanelRows) * blocks;
            int lane = row % WeightMatrix.PanelRows;
            for (int block = 0; block < blocks; block++, source += blockBytes)
            {
                scales[((firstBlock + block) * WeightMatrix.PanelRows) + lane] = *(ushort*)source;
                byte* quants = packed.Pointer + ((firstBlock + block) * BlockQuantBytes(type)) + (lane * 4);
                if (type == GgmlType.Q8_0)
                {
                    PackQ8(source + 2, quants);
                }
                else
                {
                    PackQ4(source + 2, quants);
                }
            }
        }
        return packed;
    }

    private static void PackQ8(byte* codes, byte* quants)
    {
        for (int chunk = 0; chunk < 8; chunk++)
        {
            *(int*)(quants + (chunk * 64)) = *(int*)(codes + (chunk * 4));
        }
    }

    // A Q4_0 block keeps input j in the low nibble of byte j and input j + 16 in its high nibble, as the panel does.
    private static void PackQ4(byte* codes, byte* quants)
    {
        for (int chunk = 0; chunk < 4; chunk++)
        {
            *(int*)(quants + (chunk * 64)) = *(int*)(codes + (chunk * 4));
        }
    }
}
