using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>Turns rows of four neighbouring outputs of a panel into vectors that hold the four side by side.</summary>
internal static unsafe class FourOutputs
{
    /// <summary>Outputs that are packed at a time.</summary>
    public const int Count = 4;

    /// <summary>Bytes from output to output of codes that are to be turned, one a byte.</summary>
    public const int Stride = PanelFormats.BlockElements;

    /// <summary>Chunks (four codes) of 32 inputs.</summary>
    public const int Chunks = PanelFormats.BlockElements / 4;

    /// <summary>Turns the codes of 32 inputs of four outputs into eight chunks of all four.</summary>
    /// <param name="codes">Four rows of 32 codes.</param>
    /// <param name="chunks">Room for eight vectors; element i of each is output i's.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Turn(byte* codes, Vector128<uint>* chunks)
    {
        for (int half = 0; half < Chunks; half += 4, codes += 16)
        {
            Turn(
                Vector128.Load((uint*)codes),
                Vector128.Load((uint*)(codes + Stride)),
                Vector128.Load((uint*)(codes + (2 * Stride))),
                Vector128.Load((uint*)(codes + (3 * Stride))),
                chunks + half);
        }
    }

    /// <summary>Turns four rows of four into four columns of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Turn(Vector128<uint> a, Vector128<uint> b, Vector128<uint> c, Vector128<uint> d, Vector128<uint>* columns)
    {
        Vector128<ulong> ab = Low(a, b).AsUInt64();
        Vector128<ulong> abHigh = High(a, b).AsUInt64();
        Vector128<ulong> cd = Low(c, d).AsUInt64();
        Vector128<ulong> cdHigh = High(c, d).AsUInt64();
        columns[0] = Low(ab, cd).AsUInt32();
        columns[1] = High(ab, cd).AsUInt32();
        columns[2] = Low(abHigh, cdHigh).AsUInt32();
        columns[3] = High(abHigh, cdHigh).AsUInt32();
    }

    // The lower or upper elements of both, taken in turn.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Low(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> High(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Low(Vector128<ulong> a, Vector128<ulong> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> High(Vector128<ulong> a, Vector128<ulong> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[1], b[1]);
}
