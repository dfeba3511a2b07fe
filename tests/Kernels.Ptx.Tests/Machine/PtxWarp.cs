namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>
/// Instructions that a whole warp does together, by the layouts of NVIDIA's PTX ISA: with <c>g = lane / 4</c> and <c>t = lane % 4</c>. Sums of floats are
/// added in double in the order of inputs and rounded once; a device may round otherwise.
/// </summary>
internal static class PtxWarp
{
    private const int Lanes = 32;

    /// <summary>A product of matrices; null where the machine has none of that name.</summary>
    public static Action<PtxLane[]>? Multiply(string[] words) => string.Join('.', words[3..]) switch
    {
        "m16n8k32.row.col.s32.s8.s8.s32" => warp => Multiply(warp, 4, 4, 2, Byte, AddIntegers),
        "m16n8k16.row.col.s32.s8.s8.s32" => warp => Multiply(warp, 4, 2, 1, Byte, AddIntegers),
        "m16n8k16.row.col.f32.f16.f16.f32" => warp => Multiply(warp, 2, 4, 2, Half, AddFloats),
        "m16n8k16.row.col.f32.bf16.bf16.f32" => warp => Multiply(warp, 2, 4, 2, Brain, AddFloats),
        _ => null,
    };

    /// <summary>A load of four matrices of 8 rows of 16 bytes; null where the machine has none of that name.</summary>
    public static Action<PtxLane[]>? Load(string[] words) => string.Join('.', words[3..]) switch
    {
        "m8n8.x4.shared.b16" => warp => Load(warp, transposed: false),
        "m8n8.x4.trans.shared.b16" => warp => Load(warp, transposed: true),
        _ => null,
    };

    /// <summary>
    /// Sums of 16 rows and 8 columns. A register of A holds <paramref name="each"/> inputs of row g or g + 8, in turn, from 4t or 2t on; the registers after the
    /// first two hold the second half of the inputs. A register of B holds as many of column g.
    /// </summary>
    private static void Multiply(PtxLane[] warp, int each, int aWords, int bWords, Func<uint, int, double> read, Func<uint, IEnumerable<double>, uint> add)
    {
        uint[][] words = [.. warp.Select(lane => lane.Words)];
        for (int lane = 0; lane < Lanes; lane++)
        {
            uint[] sums = new uint[4];
            for (int i = 0; i < 4; i++)
            {
                int row = (lane / 4) + (i / 2 * 8);
                int column = (lane % 4 * 2) + (i % 2);
                IEnumerable<double> products = Enumerable.Range(0, bWords * 4 * each).Select(k =>
                {
                    int t = k / each % 4;
                    int half = k / (4 * each);
                    uint a = words[(row % 8 * 4) + t][(half * 2) + (row / 8)];
                    uint b = words[(column * 4) + t][aWords + half];
                    return read(a, k % each) * read(b, k % each);
                });
                sums[i] = add(words[lane][aWords + bWords + i], products);
            }

            warp[lane].Words = sums;
        }
    }

    private static void Load(PtxLane[] warp, bool transposed)
    {
        uint[] rows = [.. warp.Select(lane => lane.Words[0])];
        foreach (PtxLane lane in warp)
        {
            int g = lane.Linear % Lanes / 4;
            int t = lane.Linear % 4;
            lane.Words = [.. Enumerable.Range(0, 4).Select(matrix => transposed
                ? Number(lane, rows[(matrix * 8) + (2 * t)], g) | (Number(lane, rows[(matrix * 8) + (2 * t) + 1], g) << 16)
                : Number(lane, rows[(matrix * 8) + g], 2 * t) | (Number(lane, rows[(matrix * 8) + g], (2 * t) + 1) << 16))];
        }
    }

    /// <summary>A 16-bit number of a row in shared memory, whose address must be a multiple of 16.</summary>
    private static uint Number(PtxLane lane, uint row, int column) => row % 16 == 0 && row >= PtxMemory.SharedStart && row < PtxMemory.LocalStart
        ? (uint)lane.Group.Memory.Load(lane, row + (ulong)(2 * column), 2)
        : throw new InvalidOperationException($"A matrix row at '0x{row:x}' does not lie in shared memory at a multiple of 16.");

    private static double Byte(uint word, int i) => (sbyte)(word >> (8 * i));

    private static double Half(uint word, int i) => (double)BitConverter.UInt16BitsToHalf((ushort)(word >> (16 * i)));

    private static double Brain(uint word, int i) => BitConverter.UInt32BitsToSingle(word >> (16 * i) << 16);

    private static uint AddIntegers(uint sum, IEnumerable<double> products) => (uint)((int)sum + (int)products.Sum());

    private static uint AddFloats(uint sum, IEnumerable<double> products) => BitConverter.SingleToUInt32Bits(
        (float)products.Aggregate((double)BitConverter.UInt32BitsToSingle(sum), (total, product) => total + product));
}
