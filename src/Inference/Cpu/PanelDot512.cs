using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Winnow.Inference.Cpu;

/// <summary>AVX-512: 16 outputs a register. Words are multiplied for Q8_0 (exact), unsigned nibbles by signed bytes for Q4_0.</summary>
/// <remarks>Q4_0 sums 8 products of at most 2 * 15 * 127 in 16 bits: 30,480, so nothing saturates.</remarks>
internal unsafe struct PanelDot512 : IPanelDot
{
    public static bool IsSupported => Avx512BW.IsSupported && Avx512F.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q8x1(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        int blocks = input.Blocks;
        short* words = input.Words + ((long)row * input.Columns);
        float* inputScales = input.Scales + ((long)row * blocks);
        Vector512<float> acc = Vector512<float>.Zero;
        for (int block = 0; block < blocks; block++)
        {
            Vector512<int> low = Vector512<int>.Zero;
            Vector512<int> high = Vector512<int>.Zero;
            for (int chunk = 0; chunk < 8; chunk++)
            {
                Vector512<short> x = Quad(words + (chunk * 4));
                low += Avx512BW.MultiplyAddAdjacent(WidenLow(quants + (chunk * 64)), x);
                high += Avx512BW.MultiplyAddAdjacent(WidenLow(quants + (chunk * 64) + 32), x);
            }
            acc = Accumulate(acc, Combine(low, high), Scale(scales), inputScales[block]);
            quants += 512;
            scales += 16;
            words += 32;
        }
        acc.Store(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q8x4(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        int blocks = input.Blocks;
        long columns = input.Columns;
        short* words = input.Words + (row * columns);
        float* inputScales = input.Scales + ((long)row * blocks);
        Vector512<float> acc0 = Vector512<float>.Zero, acc1 = acc0, acc2 = acc0, acc3 = acc0;
        for (int block = 0; block < blocks; block++)
        {
            Vector512<int> low0 = Vector512<int>.Zero, low1 = low0, low2 = low0, low3 = low0;
            Vector512<int> high0 = low0, high1 = low0, high2 = low0, high3 = low0;
            for (int chunk = 0; chunk < 8; chunk++)
            {
                Vector512<short> first = WidenLow(quants + (chunk * 64));
                Vector512<short> second = WidenLow(quants + (chunk * 64) + 32);
                short* x = words + (chunk * 4);
                Vector512<short> x0 = Quad(x);
                low0 += Avx512BW.MultiplyAddAdjacent(first, x0);
                high0 += Avx512BW.MultiplyAddAdjacent(second, x0);
                Vector512<short> x1 = Quad(x + columns);
                low1 += Avx512BW.MultiplyAddAdjacent(first, x1);
                high1 += Avx512BW.MultiplyAddAdjacent(second, x1);
                Vector512<short> x2 = Quad(x + (2 * columns));
                low2 += Avx512BW.MultiplyAddAdjacent(first, x2);
                high2 += Avx512BW.MultiplyAddAdjacent(second, x2);
                Vector512<short> x3 = Quad(x + (3 * columns));
                low3 += Avx512BW.MultiplyAddAdjacent(first, x3);
                high3 += Avx512BW.MultiplyAddAdjacent(second, x3);
            }
            Vector512<float> scale = Scale(scales);
            acc0 = Accumulate(acc0, Combine(low0, high0), scale, inputScales[block]);
            acc1 = Accumulate(acc1, Combine(low1, high1), scale, inputScales[block + blocks]);
            acc2 = Accumulate(acc2, Combine(low2, high2), scale, inputScales[block + (2 * blocks)]);
            acc3 = Accumulate(acc3, Combine(low3, high3), scale, inputScales[block + (3 * blocks)]);
            quants += 512;
            scales += 16;
            words += 32;
        }
        acc0.Store(result);
        acc1.Store(result + 16);
        acc2.Store(result + 32);
        acc3.Store(result + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q4x1(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        int blocks = input.Blocks;
        sbyte* bytes = input.Bytes + ((long)row * input.Columns);
        long first = (long)row * blocks;
        Vector512<byte> nibble = Vector512.Create((byte)15);
        Vector512<float> acc = Vector512<float>.Zero;
        for (int block = 0; block < blocks; block++)
        {
            Vector512<short> sum = Vector512<short>.Zero;
            for (int chunk = 0; chunk < 4; chunk++)
            {
                Vector512<byte> packed = Vector512.Load(quants + (chunk * 64));
                sum += Avx512BW.MultiplyAddAdjacent(packed & nibble, Quad(bytes + (chunk * 4)));
                sum += Avx512BW.MultiplyAddAdjacent(High(packed) & nibble, Quad(bytes + 16 + (chunk * 4)));
            }
            acc = Accumulate(acc, Recentre(sum, input.Sums[first + block]), Scale(scales), input.Scales[first + block]);
            quants += 256;
            scales += 16;
            bytes += 32;
        }
        acc.Store(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q4x4(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        int blocks = input.Blocks;
        long columns = input.Columns;
        sbyte* bytes = input.Bytes + (row * columns);
        float* inputScales = input.Scales + ((long)row * blocks);
        int* inputSums = input.Sums + ((long)row * blocks);
        Vector512<byte> nibble = Vector512.Create((byte)15);
        Vector512<float> acc0 = Vector512<float>.Zero, acc1 = acc0, acc2 = acc0, acc3 = acc0;
        for (int block = 0; block < blocks; block++)
        {
            Vector512<short> sum0 = Vector512<short>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
            for (int chunk = 0; chunk < 4; chunk++)
            {
                Vector512<byte> packed = Vector512.Load(quants + (chunk * 64));
                Vector512<byte> low = packed & nibble;
                Vector512<byte> high = High(packed) & nibble;
                sbyte* x = bytes + (chunk * 4);
                sum0 += Avx512BW.MultiplyAddAdjacent(low, Quad(x)) + Avx512BW.MultiplyAddAdjacent(high, Quad(x + 16));
                x += columns;
                sum1 += Avx512BW.MultiplyAddAdjacent(low, Quad(x)) + Avx512BW.MultiplyAddAdjacent(high, Quad(x + 16));
                x += columns;
                sum2 += Avx512BW.MultiplyAddAdjacent(low, Quad(x)) + Avx512BW.MultiplyAddAdjacent(high, Quad(x + 16));
                x += columns;
                sum3 += Avx512BW.MultiplyAddAdjacent(low, Quad(x)) + Avx512BW.MultiplyAddAdjacent(high, Quad(x + 16));
            }
            Vector512<float> scale = Scale(scales);
            acc0 = Accumulate(acc0, Recentre(sum0, inputSums[block]), scale, inputScales[block]);
            acc1 = Accumulate(acc1, Recentre(sum1, inputSums[block + blocks]), scale, inputScales[block + blocks]);
            acc2 = Accumulate(acc2, Recentre(sum2, inputSums[block + (2 * blocks)]), scale, inputScales[block + (2 * blocks)]);
            acc3 = Accumulate(acc3, Recentre(sum3, inputSums[block + (3 * blocks)]), scale, inputScales[block + (3 * blocks)]);
            quants += 256;
            scales += 16;
            bytes += 32;
        }
        acc0.Store(result);
        acc1.Store(result + 16);
        acc2.Store(result + 32);
        acc3.Store(result + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> WidenLow(byte* codes) => Avx512BW.ConvertToVector512Int16(Vector256.Load((sbyte*)codes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Quad(short* words) => Vector512.Create(*(long*)words).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<sbyte> Quad(sbyte* bytes) => Vector512.Create(*(int*)bytes).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> High(Vector512<byte> packed) => Vector512.ShiftRightLogical(packed.AsUInt16(), 4).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Scale(ushort* scales) => HalfBits.Widen(Vector256.Load((short*)scales));

    // low holds rows 0 to 7 as pairs of partial sums, high rows 8 to 15.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Combine(Vector512<int> low, Vector512<int> high) =>
        Avx512F.PermuteVar16x32x2(low, Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), high)
        + Avx512F.PermuteVar16x32x2(low, Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), high);

    // Codes 0 to 15 stand for -8 to 7: take 8 times the activations' sum away.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Recentre(Vector512<short> sum, int inputSum) =>
        Avx512BW.MultiplyAddAdjacent(sum, Vector512.Create((short)1)) - Vector512.Create(8 * inputSum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Accumulate(Vector512<float> acc, Vector512<int> sum, Vector512<float> scale, float inputScale) =>
        Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(sum), scale * Vector512.Create(inputScale), acc);
}
