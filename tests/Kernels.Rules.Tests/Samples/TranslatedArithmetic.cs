using System.Numerics;
using ILGPU;
using Winnow.GpuWorker.Kernels;

namespace Winnow.Kernels.Rules.Tests.Samples;

/// <summary>What arithmetic is translated.</summary>
internal static class TranslatedArithmetic
{
    [Kernel("sample_floats")]
    public static void Floats(ArrayView<float> values)
    {
        values[0] = (values[1] * values[2]) + values[3];
        values[1] = values[2] / values[3];
        values[2] = 1 / MathF.Sqrt(values[3]);
        values[3] = MathF.Abs(values[4]) + Math.Abs(values[5]) + MathF.Min(values[6], values[7]) + Math.Max(values[8], values[9]);
        values[4] = MathF.Floor(values[5]) + MathF.Ceiling(values[6]);
        values[5] = IntrinsicMath.Clamp(values[6], 0f, 1f) + IntrinsicMath.Max(values[7], values[8]);
        values[6] = float.IsNaN(values[7]) || float.IsInfinity(values[8]) || float.IsFinite(values[9]) ? 1f : 0f;
        values[7] = values[8] == float.NegativeInfinity ? float.MaxValue : float.NaN;
        values[8] = (uint)values[9] >> 8;
    }

    [Kernel("sample_doubles")]
    public static void Doubles(ArrayView<double> values) =>
        values[0] = (values[1] * values[2]) + Math.Sqrt(values[3]) + Math.Floor(values[4]) + Math.Min(values[5], values[6]);

    [Kernel("sample_integers")]
    public static void Integers(ArrayView<int> i32, ArrayView<uint> u32, ArrayView<long> i64, ArrayView<ulong> u64)
    {
        i32[0] = (i32[1] / i32[2]) + (i32[3] % i32[4]) + (i32[5] << i32[6]) + (i32[7] >> i32[8]) + (i32[9] >>> 3);
        i32[1] = IntrinsicMath.DivRoundUp(i32[2], 4) + IntrinsicMath.Clamp(i32[3], 0, 7) + Math.Abs(i32[4]) + Math.Min(i32[5], i32[6]);
        u32[0] = (u32[1] / u32[2]) + (u32[3] % u32[4]) + Math.Max(u32[5], u32[6]) + BitOperations.RotateLeft(u32[7], 7) + BitOperations.RotateRight(u32[8], 3);
        u32[1] = (uint)(BitOperations.PopCount(u32[2]) + BitOperations.LeadingZeroCount(u32[3]) + BitOperations.TrailingZeroCount(u32[4]));
        i64[0] = (i64[1] * i64[2] / i64[3] % i64[4]) + (i64[5] >> 3) + Math.Max(i64[6], i64[7]) + Math.BigMul(i32[8], i32[9]);
        u64[0] = (u64[1] * u64[2]) + (u64[3] >> 7) + ((ulong)u32[5] * u32[6]);
        i32[2] = u32[7] < u32[8] && u64[4] > u64[5] ? 1 : 0;
    }

    [Kernel("sample_conversions")]
    public static void Conversions(ArrayView<byte> bytes, ArrayView<ushort> halves, ArrayView<ILGPU.Half> typed, ArrayView<float> floats, ArrayView<int> integers)
    {
        floats[0] = bytes[0] + (sbyte)bytes[1] + ((bytes[2] & 15) - 8) + (short)halves[0];
        floats[1] = Interop.IntAsFloat(halves[1]);
        floats[2] = Interop.IntAsFloat((uint)halves[2] << 16);
        floats[3] = (float)typed[0] + typed[1];
        floats[4] = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(floats[5]) + 1);
        integers[0] = (int)Interop.FloatAsInt(floats[6]);
        integers[1] = (int)floats[7] + (sbyte)integers[2] + (byte)integers[3] + (ushort)integers[4];
        halves[3] = (ushort)(halves[4] * halves[5]);
    }
}
