using System.Runtime.InteropServices;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>Machine code in pages that are written first and executable after, never both. Linux only.</summary>
internal static unsafe partial class CodeMemory
{
    private const int Read = 1;
    private const int Write = 2;
    private const int Execute = 4;
    private const int PrivateAnonymous = 0x22;
    private static readonly nint Failed = -1;

    /// <summary>Puts code where it can run; it stays there as long as the process.</summary>
    /// <param name="code">Position-independent code.</param>
    /// <param name="start">Its first byte.</param>
    /// <returns>Whether the system allows it; hardened systems do not.</returns>
    public static bool TryPlace(ReadOnlySpan<byte> code, out byte* start)
    {
        start = null;
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }
        nuint bytes = (nuint)code.Length;
        nint pages = Map(0, bytes, Read | Write, PrivateAnonymous, -1, 0);
        if (pages == Failed)
        {
            return false;
        }
        code.CopyTo(new Span<byte>((void*)pages, code.Length));
        if (Protect(pages, bytes, Read | Execute) != 0)
        {
            _ = Unmap(pages, bytes);
            return false;
        }
        start = (byte*)pages;
        return true;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
