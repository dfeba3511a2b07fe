using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>
/// 256 scales and minima of six bits in 192 bytes, so that a panel of Q4_K has 3 % fewer bytes: byte i of three runs of 64 holds value
/// i of its run below and, in the two bits above, a third of value 192 + i, the lowest pair in the first run.
/// </summary>
internal static unsafe class SixBitScales
{
    /// <summary>Values.</summary>
    public const int Count = 256;

    /// <summary>Bytes they are stored in.</summary>
    public const int Bytes = 3 * Run;

    /// <summary>Bytes of a run.</summary>
    public const int Run = 64;

    /// <summary>The bits of a value, in every byte of four.</summary>
    public const int Mask = 0x3F3F3F3F;

    private const uint LowPairs = 0x03030303;

    /// <summary>Stores values.</summary>
    /// <param name="values">One a byte, 0 to 63.</param>
    /// <param name="stored">Where they go.</param>
    public static void Close(byte* values, byte* stored)
    {
        for (int i = 0; i < Run; i += Vector128<byte>.Count)
        {
            Vector128<uint> last = Vector128.Load((uint*)(values + Bytes + i));
            for (int run = 0; run < 3; run++)
            {
                Vector128<uint> pairs = (last >> (2 * run)) & Vector128.Create(LowPairs);
                (Vector128.Load((uint*)(values + (run * Run) + i)) | (pairs << 6)).Store((uint*)(stored + (run * Run) + i));
            }
        }
    }

    /// <summary>Gives the values back.</summary>
    /// <param name="stored">As <see cref="Close"/> left them.</param>
    /// <param name="values">One a byte.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Open(byte* stored, byte* values)
    {
        Vector128<uint> mask = Vector128.Create((uint)Mask);
        for (int i = 0; i < Run; i += Vector128<byte>.Count)
        {
            Vector128<uint> first = Vector128.Load((uint*)(stored + i));
            Vector128<uint> second = Vector128.Load((uint*)(stored + Run + i));
            Vector128<uint> third = Vector128.Load((uint*)(stored + (2 * Run) + i));
            (first & mask).Store((uint*)(values + i));
            (second & mask).Store((uint*)(values + Run + i));
            (third & mask).Store((uint*)(values + (2 * Run) + i));
            ((Vector128.AndNot(first, mask) >> 6) | (Vector128.AndNot(second, mask) >> 4) | (Vector128.AndNot(third, mask) >> 2))
                .Store((uint*)(values + Bytes + i));
        }
    }
}
