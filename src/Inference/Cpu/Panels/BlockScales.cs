using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>The packed scales and minima of a panel's block of 32 inputs.</summary>
internal static unsafe class BlockScales<TFormat>
    where TFormat : struct, IBlockFormat
{
    private const int HalvesBytes = WeightMatrix.PanelRows * sizeof(ushort);

    /// <summary>Bytes of a panel's block.</summary>
    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.HasExponent ? WeightMatrix.PanelRows : TFormat.HasMinimum ? 2 * HalvesBytes : HalvesBytes;
    }

    /// <summary>Copies the scale and minimum of one output from a file's block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(byte* block, byte* scales, int lane)
    {
        if (TFormat.HasExponent)
        {
            scales[lane] = block[0];
            return;
        }
        ((ushort*)scales)[lane] = *(ushort*)block;
        if (TFormat.HasMinimum)
        {
            ((ushort*)(scales + HalvesBytes))[lane] = ((ushort*)block)[1];
        }
    }

    /// <summary>The scale at the start of a file's block, or of a packed output.</summary>
    public static float Read(byte* scale) => TFormat.HasExponent ? HalfBits.WidenExponent(*scale) : HalfBits.Widen(*(ushort*)scale);

    /// <summary>The packed scale of one output.</summary>
    public static float At(byte* scales, int lane) => Read(scales + (TFormat.HasExponent ? lane : lane * sizeof(ushort)));

    /// <summary>The packed minimum of one output.</summary>
    public static float MinimumAt(byte* scales, int lane) => HalfBits.Widen(((ushort*)(scales + HalvesBytes))[lane]);

    /// <summary>The packed scales of a register's outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(byte* scales, int lane)
        where V : unmanaged, IPanelVector<V> => TFormat.HasExponent ? V.Exponents(scales + lane) : V.Halves(scales + (lane * sizeof(ushort)));

    /// <summary>The packed minima of a register's outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadMinima<V>(byte* scales, int lane)
        where V : unmanaged, IPanelVector<V> => V.Halves(scales + HalvesBytes + (lane * sizeof(ushort)));
}
