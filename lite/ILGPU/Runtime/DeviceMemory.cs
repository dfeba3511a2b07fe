using System.Runtime.InteropServices;

namespace ILGPU.Runtime;

/// <summary>The memory of the CPU accelerator: aligned as on GPUs, and not zero at first.</summary>
internal static unsafe class DeviceMemory
{
    internal const int AlignmentBytes = 256;
    private const byte Poison = 0xFF;
    private const long LargestPoisonedBytes = 16 << 20;

    /// <summary>
    /// Allocates device memory. Its bytes are 0xFF, so that floats are NaN and a kernel that forgets to initialise is noticed; only above 16 MiB
    /// the pages come as the system gives them, so that memory that is reserved and never used costs nothing.
    /// </summary>
    internal static nint Allocate(long length, int elementSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        long bytes = checked(length * elementSize);
        void* memory = NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), AlignmentBytes);
        if (bytes <= LargestPoisonedBytes)
        {
            Fill((byte*)memory, bytes);
        }

        return (nint)memory;
    }

    internal static void Free(nint address) => NativeMemory.AlignedFree((void*)address);

    internal static void Fill(byte* start, long bytes) => NativeMemory.Fill(start, (nuint)bytes, Poison);
}
