using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>Constants that the compiler puts into the assembly's image, where they never move.</summary>
internal static unsafe class StaticData
{
    /// <summary>The address of a constant array.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Pointer(ReadOnlySpan<byte> constant) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(constant));
}
