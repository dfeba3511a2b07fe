using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Winnow.Inference.Cpu;

/// <summary>128-bit vectors without processor-specific instructions but Arm's dot product: NEON, and x64 without AVX2.</summary>
internal unsafe struct PanelDotPortable : IPanelDot
{
    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q8x1(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        for (int part = 0; part < 4; part++)
        {
            int blocks = input.Blocks;
            sbyte* bytes = input.Bytes + ((long)row * input.Columns);
            float* inputScales = input.Scales + ((long)row * blocks);
            Vector128<float> acc = Vector128<float>.Zero;
            for (int block = 0; block < blocks; block++, bytes += 32)
            {
                byte* codes = quants + (block * 512L) + (part * 16);
                Vector128<int> sum = Vector128<int>.Zero;
                for (int chunk = 0; chunk < 8; chunk++)
                {
                    sum = Dot(sum, Vector128.Load((sbyte*)codes + (chunk * 64)), bytes + (chunk * 4));
                }
                acc = Accumulate(acc, sum, scales + (block * 16L) + (part * 4), inputScales[block]);
            }
            acc.Store(result + (part * 4));
        }
    }

    public static void Q8x4(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        for (int i = 0; i < 4; i++)
        {
            Q8x1(quants, scales, input, row + i, result + (16 * i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q4x1(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        Vector128<byte> nibble = Vector128.Create((byte)15);
        for (int part = 0; part < 4; part++)
        {
            int blocks = input.Blocks;
            sbyte* bytes = input.Bytes + ((long)row * input.Columns);
            float* inputScales = input.Scales + ((long)row * blocks);
            int* inputSums = input.Sums + ((long)row * blocks);
            Vector128<float> acc = Vector128<float>.Zero;
            for (int block = 0; block < blocks; block++, bytes += 32)
            {
                byte* codes = quants + (block * 256L) + (part * 16);
                Vector128<int> sum = Vector128.Create(-8 * inputSums[block]);
                for (int chunk = 0; chunk < 4; chunk++)
                {
                    Vector128<byte> packed = Vector128.Load(codes + (chunk * 64));
                    sum = Dot(sum, (packed & nibble).AsSByte(), bytes + (chunk * 4));
                    sum = Dot(sum, (Vector128.ShiftRightLogical(packed.AsUInt16(), 4).AsByte() & nibble).AsSByte(), bytes + 16 + (chunk * 4));
                }
                acc = Accumulate(acc, sum, scales + (block * 16L) + (part * 4), inputScales[block]);
            }
            acc.Store(result + (part * 4));
        }
    }

    public static void Q4x4(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result)
    {
        for (int i = 0; i < 4; i++)
        {
            Q4x1(quants, scales, input, row + i, result + (16 * i));
        }
    }

    // Adds, for each of four rows, the products of its four codes with the same four activations.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Dot(Vector128<int> sum, Vector128<sbyte> codes, sbyte* x)
    {
        if (Dp.IsSupported)
        {
            return Dp.DotProduct(sum, codes, Vector128.Create(*(int*)x).AsSByte());
        }
        Vector128<int> quad = codes.AsInt32();
        sum += Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(quad, 24), 24) * x[0];
        sum += Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(quad, 16), 24) * x[1];
        sum += Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(quad, 8), 24) * x[2];
        return sum + (Vector128.ShiftRightArithmetic(quad, 24) * x[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Accumulate(Vector128<float> acc, Vector128<int> sum, ushort* scales, float inputScale) =>
        Vector128.FusedMultiplyAdd(
            Vector128.ConvertToSingle(sum), HalfBits.Widen(Vector64.Load((short*)scales)) * Vector128.Create(inputScale), acc);
}
