using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Winnow.Inference.Cpu;

/// <summary>AVX2: a panel is two halves of 8 outputs. The same products as <see cref="PanelDot512"/> in narrower registers.</summary>
internal unsafe struct PanelDot256 : IPanelDot
{
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q8x1(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        int blocks = input.Blocks;
        short* words = input.Words + ((long)row * input.Columns);
        float* inputScales = input.Scales + ((long)row * blocks);
        Vector256<float> accA = Vector256<float>.Zero, accB = accA;
        for (int block = 0; block < blocks; block++)
        {
            Vector256<int> a0 = Vector256<int>.Zero, a1 = a0, b0 = a0, b1 = a0;
            for (int chunk = 0; chunk < 8; chunk++)
            {
                byte* codes = quants + (chunk * 64);
                Vector256<short> x = Quad(words + (chunk * 4));
                a0 += Avx2.MultiplyAddAdjacent(Widen(codes), x);
                a1 += Avx2.MultiplyAddAdjacent(Widen(codes + 16), x);
                b0 += Avx2.MultiplyAddAdjacent(Widen(codes + 32), x);
                b1 += Avx2.MultiplyAddAdjacent(Widen(codes + 48), x);
            }
            accA = Accumulate(accA, Combine(a0, a1), Scale(scales), inputScales[block]);
            accB = Accumulate(accB, Combine(b0, b1), Scale(scales + 8), inputScales[block]);
            quants += 512;
            scales += 16;
            words += 32;
        }
        accA.Store(result);
        accB.Store(result + 8);
    }

    public static void Q8x4(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        Q8Half(quants, scales, input, row, result);
        Q8Half(quants + 32, scales + 8, input, row, result + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q4x1(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        int blocks = input.Blocks;
        sbyte* bytes = input.Bytes + ((long)row * input.Columns);
        long first = (long)row * blocks;
        Vector256<byte> nibble = Vector256.Create((byte)15);
        Vector256<float> accA = Vector256<float>.Zero, accB = accA;
        for (int block = 0; block < blocks; block++)
        {
            Vector256<short> sumA = Vector256<short>.Zero, sumB = sumA;
            for (int chunk = 0; chunk < 4; chunk++)
            {
                Vector256<byte> packedA = Vector256.Load(quants + (chunk * 64));
                Vector256<byte> packedB = Vector256.Load(quants + (chunk * 64) + 32);
                Vector256<sbyte> low = Quad(bytes + (chunk * 4));
                Vector256<sbyte> high = Quad(bytes + 16 + (chunk * 4));
                sumA += Avx2.MultiplyAddAdjacent(packedA & nibble, low) + Avx2.MultiplyAddAdjacent(High(packedA) & nibble, high);
                sumB += Avx2.MultiplyAddAdjacent(packedB & nibble, low) + Avx2.MultiplyAddAdjacent(High(packedB) & nibble, high);
            }
            int inputSum = input.Sums[first + block];
            float inputScale = input.Scales[first + block];
            accA = Accumulate(accA, Recentre(sumA, inputSum), Scale(scales), inputScale);
            accB = Accumulate(accB, Recentre(sumB, inputSum), Scale(scales + 8), inputScale);
            quants += 256;
            scales += 16;
            bytes += 32;
        }
        accA.Store(result);
        accB.Store(result + 8);
    }

    public static void Q4x4(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        Q4Half(quants, scales, input, row, result);
        Q4Half(quants + 32, scales + 8, input, row, result + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Q8Half(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        int blocks = input.Blocks;
        long columns = input.Columns;
        short* words = input.Words + (row * columns);
        float* inputScales = input.Scales + ((long)row * blocks);
        Vector256<float> acc0 = Vector256<float>.Zero, acc1 = acc0, acc2 = acc0, acc3 = acc0;
        for (int block = 0; block < blocks; block++)
        {
            Vector256<int> low0 = Vector256<int>.Zero, low1 = low0, low2 = low0, low3 = low0;
            Vector256<int> high0 = low0, high1 = low0, high2 = low0, high3 = low0;
            for (int chunk = 0; chunk < 8; chunk++)
            {
                Vector256<short> first = Widen(quants + (chunk * 64));
                Vector256<short> second = Widen(quants + (chunk * 64) + 16);
                short* x = words + (chunk * 4);
                Vector256<short> x0 = Quad(x);
                low0 += Avx2.MultiplyAddAdjacent(first, x0);
                high0 += Avx2.MultiplyAddAdjacent(second, x0);
                Vector256<short> x1 = Quad(x + columns);
                low1 += Avx2.MultiplyAddAdjacent(first, x1);
                high1 += Avx2.MultiplyAddAdjacent(second, x1);
                Vector256<short> x2 = Quad(x + (2 * columns));
                low2 += Avx2.MultiplyAddAdjacent(first, x2);
                high2 += Avx2.MultiplyAddAdjacent(second, x2);
                Vector256<short> x3 = Quad(x + (3 * columns));
                low3 += Avx2.MultiplyAddAdjacent(first, x3);
                high3 += Avx2.MultiplyAddAdjacent(second, x3);
            }
            Vector256<float> scale = Scale(scales);
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
    private static void Q4Half(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        int blocks = input.Blocks;
        long columns = input.Columns;
        sbyte* bytes = input.Bytes + (row * columns);
        float* inputScales = input.Scales + ((long)row * blocks);
        int* inputSums = input.Sums + ((long)row * blocks);
        Vector256<byte> nibble = Vector256.Create((byte)15);
        Vector256<float> acc0 = Vector256<float>.Zero, acc1 = acc0, acc2 = acc0, acc3 = acc0;
        for (int block = 0; block < blocks; block++)
        {
            Vector256<short> sum0 = Vector256<short>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
            for (int chunk = 0; chunk < 4; chunk++)
            {
                Vector256<byte> packed = Vector256.Load(quants + (chunk * 64));
                Vector256<byte> low = packed & nibble;
                Vector256<byte> high = High(packed) & nibble;
                sbyte* x = bytes + (chunk * 4);
                sum0 += Avx2.MultiplyAddAdjacent(low, Quad(x)) + Avx2.MultiplyAddAdjacent(high, Quad(x + 16));
                x += columns;
                sum1 += Avx2.MultiplyAddAdjacent(low, Quad(x)) + Avx2.MultiplyAddAdjacent(high, Quad(x + 16));
                x += columns;
                sum2 += Avx2.MultiplyAddAdjacent(low, Quad(x)) + Avx2.MultiplyAddAdjacent(high, Quad(x + 16));
                x += columns;
                sum3 += Avx2.MultiplyAddAdjacent(low, Quad(x)) + Avx2.MultiplyAddAdjacent(high, Quad(x + 16));
            }
            Vector256<float> scale = Scale(scales);
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
    private static Vector256<short> Widen(byte* codes) => Avx2.ConvertToVector256Int16(Vector128.Load((sbyte*)codes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Quad(short* words) => Vector256.Create(*(long*)words).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> Quad(sbyte* bytes) => Vector256.Create(*(int*)bytes).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> High(Vector256<byte> packed) => Vector256.ShiftRightLogical(packed.AsUInt16(), 4).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Scale(ushort* scales) => HalfBits.Widen(Vector128.Load((short*)scales));

    // low holds rows 0 to 3 as pairs of partial sums, high rows 4 to 7; the horizontal add leaves pairs of rows in order 0, 4, 2, 6.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Combine(Vector256<int> low, Vector256<int> high) =>
        Avx2.Permute4x64(Avx2.HorizontalAdd(low, high).AsInt64(), 0b11_01_10_00).AsInt32();

    // Codes 0 to 15 stand for -8 to 7: take 8 times the activations' sum away.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Recentre(Vector256<short> sum, int inputSum) =>
        Avx2.MultiplyAddAdjacent(sum, Vector256.Create((short)1)) - Vector256.Create(8 * inputSum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Accumulate(Vector256<float> acc, Vector256<int> sum, Vector256<float> scale, float inputScale) =>
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(sum), scale * Vector256.Create(inputScale), acc);
}
