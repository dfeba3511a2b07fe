using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ILGPU.Execution;

/// <summary>The natural alignment of types: that of their widest primitive field.</summary>
internal static class Alignment
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Of<T>()
        where T : unmanaged
        => Unsafe.SizeOf<Padded<T>>() - Unsafe.SizeOf<T>();

    [StructLayout(LayoutKind.Sequential)]
    private struct Padded<T>
        where T : unmanaged
    {
        internal byte First;
        internal T Second;
    }
}
