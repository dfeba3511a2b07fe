using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Winnow.Inference.Cpu;

/// <summary>4-bit codes, two to a byte, as signed bytes from -8 to 7.</summary>
internal static class NibbleBits
{
    /// <summary>What a code of 0 stands for, negated.</summary>
    public const int Offset = 8;

    /// <summary>The low code of every byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Low(Vector128<byte> pairs) => (pairs & Vector128.Create((byte)0x0F)).AsSByte() - Vector128.Create((sbyte)Offset);

    /// <summary>The high code of every byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> High(Vector128<byte> pairs) => Low(Vector128.ShiftRightLogical(pairs.AsUInt16(), 4).AsByte());
}
