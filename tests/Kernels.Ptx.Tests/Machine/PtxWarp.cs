namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>
/// Instructions that a whole warp does together, by the layouts of NVIDIA's PTX ISA: with <c>g = lane / 4</c> and <c>t = lane % 4</c>. Sums of floats are
/// made in double and rounded once; a device may round otherwise.
/// </summary>
internal static class PtxWarp
{
    private const int Lanes = 32;

    /// <summary>A product of matrices; null where the machine has none of that name.</summary>
    public static Action<PtxLane[]>? Multiply(string[] words) => string.Join('.', words[3..]) switch
    {
        "m16n8k32.row.col.s32.s8.s8.s32" => warp => Multiply(warp, 4, 2, Byte, AddInteger),
        "m16n8k16.row.col.s32.s8.s8.s32" => warp => Multiply(warp, 4, 1, Byte, AddInteger),
        "m16n8k16.row.col.f32.f16.f16.f32" => warp => Multiply(warp, 2, 2, Half, AddFloat),
        "m16n8k16.row.col.f32.bf16.bf16.f32" => warp => Multiply(warp, 2, 2, Brain, AddFloat),
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
    private static void Multiply(PtxLane[] warp, int each, int halves, Func<uint, int, double> read, Func<uint, double, uint> add)
    {
        int inputs = 4 * each * halves;
        double[,] a = new double[16, inputs];
        double[,] b = new double[8, inputs];
        for (int lane = 0; lane < Lanes; lane++)
        {
            for (int i = 0; i < each * halves; i++)
            {
                int half = i / each;
                int k = (half * 4 * each) + (lane % 4 * each) + (i % each);
                a[lane / 4, k] = read(warp[lane].Words[2 * half], i % each);
                a[(lane / 4) + 8, k] = read(warp[lane].Words[(2 * half) + 1], i % each);
                b[lane / 4, k] = read(warp[lane].Words[(2 * halves) + half], i % each);
            }
        }

        for (int lane = 0; lane < Lanes; lane++)
        {
            uint[] sums = warp[lane].Words[(3 * halves)..];
            for (int i = 0; i < sums.Length; i++)
            {
                double sum = 0;
                for (int k = 0; k < inputs; k++)
                {
                    sum += a[(lane / 4) + (i / 2 * 8), k] * b[(lane % 4 * 2) + (i % 2), k];
                }

                sums[i] = add(sums[i], sum);
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

    private static uint AddInteger(uint start, double sum) => (uint)((int)start + (int)sum);

    private static uint AddFloat(uint start, double sum) => BitConverter.SingleToUInt32Bits((float)(BitConverter.UInt32BitsToSingle(start) + sum));
}
