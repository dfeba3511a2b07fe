using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>Rounds rows of activations to 8 bits; see <see cref="QuantizedRows"/>.</summary>
/// <typeparam name="T">Float lanes.</typeparam>
internal static unsafe class LaneQuantizer<T>
    where T : unmanaged, ILanes<T>
{
    /// <summary>One row in blocks of 32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blocks(float* source, in QuantizedRows destination, int row)
    {
        long at = (long)row * destination.Blocks;
        for (int block = 0; block < destination.Blocks; block++, at++, source += WeightMatrix.BlockElements)
        {
            T low = T.Load(source);
            T high = T.Load(source + 16);
            float largest = BitConverter.Int32BitsToSingle(T.LargestBits(T.MaxMagnitude(T.Abs(low), T.Abs(high))));
            float scale = largest / 127f;
            T inverse = T.Broadcast(largest == 0 ? 0 : 127f / largest);
            sbyte* bytes = destination.Bytes + (at * WeightMatrix.BlockElements);
            int sum = T.StoreRounded(low * inverse, bytes) + T.StoreRounded(high * inverse, bytes + 16);
            destination.Sums[at] = sum;
            destination.Scales[at] = (float)(Half)scale;
            destination.ScaledSums[at] = (float)(Half)(sum * scale);
        }
    }

    /// <summary>One row in super-blocks of 256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SuperBlocks(float* source, in QuantizedRows destination, int row)
    {
        long at = (long)row * destination.SuperBlocks;
        for (int block = 0; block < destination.SuperBlocks; block++, at++, source += WeightMatrix.SuperBlockElements)
        {
            T magnitude = T.Zero;
            for (int i = 0; i < WeightMatrix.SuperBlockElements; i += 16)
            {
                magnitude = T.MaxMagnitude(magnitude, T.Abs(T.Load(source + i)));
            }
            float largest = BitConverter.Int32BitsToSingle(T.LargestBits(magnitude));
            float factor = largest == 0 ? 0 : 127f / largest;
            T inverse = T.Broadcast(factor);
            sbyte* bytes = destination.SuperBytes + (at * WeightMatrix.SuperBlockElements);
            short* sums16 = destination.Sums16 + (at * 16);
            short* sums32 = destination.Sums32 + (at * 8);
            for (int i = 0; i < 16; i += 2)
            {
                sums16[i] = (short)T.StoreRounded(T.Load(source + (i * 16)) * inverse, bytes + (i * 16));
                sums16[i + 1] = (short)T.StoreRounded(T.Load(source + (i * 16) + 16) * inverse, bytes + (i * 16) + 16);
                sums32[i / 2] = (short)(sums16[i] + sums16[i + 1]);
            }
            destination.SuperScales[at] = factor == 0 ? 0 : 1f / factor;
        }
    }
}
