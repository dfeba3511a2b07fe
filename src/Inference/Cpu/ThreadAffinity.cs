using System.Runtime.InteropServices;

namespace Winnow.Inference.Cpu;

/// <summary>Binds the calling thread to one of the processors that the process may use. Linux only; elsewhere nothing happens.</summary>
internal static partial class ThreadAffinity
{
    private const int MaskBytes = 1024;
    private const int CurrentThread = 0;

    /// <summary>Binds the calling thread to the <paramref name="index"/>-th allowed processor, counted round.</summary>
    /// <returns>Whether the system did it.</returns>
    public static bool TryPin(int index)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }
        Span<byte> mask = stackalloc byte[MaskBytes];
        mask.Clear();
        if (GetAffinity(CurrentThread, MaskBytes, ref MemoryMarshal.GetReference(mask)) != 0)
        {
            return false;
        }
        int processor = Find(mask, index);
        mask.Clear();
        mask[processor / 8] = (byte)(1 << (processor % 8));
        return SetAffinity(CurrentThread, MaskBytes, ref MemoryMarshal.GetReference(mask)) == 0;
    }

    /// <summary>The <paramref name="index"/>-th processor of a mask that allows at least one, counted round.</summary>
    internal static int Find(ReadOnlySpan<byte> mask, int index)
    {
        List<int> allowed = [];
        for (int processor = 0; processor < mask.Length * 8; processor++)
        {
            if ((mask[processor / 8] & (1 << (processor % 8))) != 0)
            {
                allowed.Add(processor);
            }
        }
        return allowed[index % allowed.Count];
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nuint bytes, ref byte mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint bytes, ref byte mask);
}
