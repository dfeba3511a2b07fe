using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>The packed scales and minima of a panel's super-block; see <see cref="ISuperBlockFormat"/> for their order.</summary>
internal static unsafe class SuperBlockScales<TFormat>
    where TFormat : struct, ISuperBlockFormat
{
    private const int Rows = WeightMatrix.PanelRows;
    private const int HalvesBytes = Rows * sizeof(ushort);

    /// <summary>Sub-blocks of a super-block.</summary>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => PanelFormats.SuperBlockElements / TFormat.SubBlock;
    }

    /// <summary>Scales and minima have six bits and are stored so; products open them (<see cref="Open"/>) before they use them.</summary>
    public static bool AreClosed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.SubBlock == 32 && TFormat.HasMinimum;
    }

    /// <summary>Bytes of a panel's super-block as stored.</summary>
    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => StoredFactorsAt + FactorBytes;
    }

    /// <summary>Bytes of a panel's super-block when opened.</summary>
    public static int OpenBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => FactorsAt + FactorBytes;
    }

    /// <summary>Where the halves d are stored.</summary>
    public static int StoredFactorsAt
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => AreClosed ? SixBitScales.Bytes : FactorsAt;
    }

    /// <summary>Where the minima begin.</summary>
    public static int MinimaAt
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Count * Rows;
    }

    /// <summary>Where the halves d begin; dmin follow them.</summary>
    public static int FactorsAt
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => MinimaAt + (TFormat.HasMinimum && !TFormat.HasNibbleScales ? Count * Rows : 0);
    }

    private static int FactorBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.HasMinimum ? 2 * HalvesBytes : HalvesBytes;
    }

    /// <summary>Scales and minima a byte or nibble each, as everything here reads them.</summary>
    /// <param name="stored">A panel's super-block.</param>
    /// <param name="room"><see cref="OpenBytes"/> to work in.</param>
    /// <returns>Where they are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Open(byte* stored, byte* room)
    {
        if (!AreClosed)
        {
            return stored;
        }
        SixBitScales.Open(stored, room);
        Unsafe.CopyBlockUnaligned(room + FactorsAt, stored + StoredFactorsAt, (uint)FactorBytes);
        return room;
    }

    /// <summary>Stores what was packed.</summary>
    /// <param name="open">A super-block of all outputs.</param>
    /// <param name="stored">Where it goes.</param>
    public static void Close(byte* open, byte* stored)
    {
        SixBitScales.Close(open, stored);
        Unsafe.CopyBlockUnaligned(stored + StoredFactorsAt, open + FactorsAt, (uint)FactorBytes);
    }

    /// <summary>Copies the scales and minima of one output from a file's super-block.</summary>
    /// <param name="block">The file's super-block.</param>
    /// <param name="scales">The panel's scales, open.</param>
    /// <param name="lane">The output.</param>
    /// <param name="room">32 bytes to work in.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(byte* block, byte* scales, int lane, byte* room)
    {
        ushort* own = (ushort*)room;
        ushort* minima = own + 8;
        TFormat.ReadScales(block, (sbyte*)own, (byte*)minima);
        for (int two = 0; two < Count / 2; two++)
        {
            int pair = (two * Rows) + lane;
            if (TFormat.HasNibbleScales)
            {
                ((ushort*)scales)[pair] = (ushort)(own[two] | (minima[two] << 4));
                continue;
            }
            if (TFormat.SubBlock == 16)
            {
                ((ushort*)scales)[pair] = own[two];
            }
            else
            {
                scales[(two * 2 * Rows) + lane] = (byte)own[two];
                scales[(((two * 2) + 1) * Rows) + lane] = (byte)(own[two] >> 8);
            }
            if (TFormat.HasMinimum)
            {
                ((ushort*)(scales + MinimaAt))[pair] = minima[two];
            }
        }
        ((ushort*)(scales + FactorsAt))[lane] = *(ushort*)(block + TFormat.ScaleAt);
        if (TFormat.HasMinimum)
        {
            ((ushort*)(scales + FactorsAt + HalvesBytes))[lane] = *(ushort*)(block + TFormat.ScaleAt + 2);
        }
    }

    /// <summary>One output's scale of a sub-block.</summary>
    public static int At(byte* scales, int lane, int index)
    {
        int pair = (index / 2 * 2 * Rows) + (lane * 2) + (index % 2);
        return TFormat.HasNibbleScales ? scales[pair] & 15 : ((sbyte*)scales)[TFormat.SubBlock == 16 ? pair : (index * Rows) + lane];
    }

    /// <summary>One output's minimum of a sub-block.</summary>
    public static int MinimumAt(byte* scales, int lane, int index)
    {
        int pair = (index / 2 * 2 * Rows) + (lane * 2) + (index % 2);
        return TFormat.HasNibbleScales ? scales[pair] >> 4 : scales[MinimaAt + pair];
    }

    /// <summary>One output's d.</summary>
    public static float FactorAt(byte* scales, int lane) => HalfBits.Widen(((ushort*)(scales + FactorsAt))[lane]);

    /// <summary>One output's dmin.</summary>
    public static float MinimumFactorAt(byte* scales, int lane) => HalfBits.Widen(((ushort*)(scales + FactorsAt + HalvesBytes))[lane]);

    /// <summary>The scales of inputs 0 to 15 and 16 to 31 of a part of 32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<V>(byte* scales, int lane, int part, out V first, out V second)
        where V : unmanaged, IPanelVector<V>
    {
        if (TFormat.SubBlock == 32)
        {
            first = second = V.Scales((sbyte*)scales + (part * Rows) + lane);
            return;
        }
        V pairs = LoadPairs<V>(scales, lane, part);
        first = V.First(pairs);
        second = V.Second(pairs);
    }

    /// <summary>
    /// What the codes' offset or the minima take away, for one activation row: the sum over sub-blocks of scale or minimum times the
    /// activations' sum.
    /// </summary>
    /// <param name="scales">The panel's scales.</param>
    /// <param name="lane">The register's first output.</param>
    /// <param name="sums16">Sums of 16 activations.</param>
    /// <param name="sums32">Sums of 32 activations.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SumBelow<V>(byte* scales, int lane, short* sums16, short* sums32)
        where V : unmanaged, IPanelVector<V>
    {
        V sum = V.Zero;
        if (TFormat.SubBlock == 16)
        {
            for (int part = 0; part < 8; part++)
            {
                byte* pairs = scales + (part * 2 * Rows) + (lane * 2);
                sum = V.AccumulatePairs(sum, TFormat.HasMinimum ? V.HighPairs(pairs) : V.Pairs((sbyte*)pairs), sums16 + (part * 2));
            }
        }
        else if (TFormat.HasMinimum)
        {
            for (int two = 0; two < 4; two++)
            {
                sum = V.AccumulatePairs(sum, V.Pairs((sbyte*)scales + MinimaAt + (two * 2 * Rows) + (lane * 2)), sums32 + (two * 2));
            }
        }
        else
        {
            for (int part = 0; part < 8; part++)
            {
                sum = V.AccumulateScales(sum, V.Scales((sbyte*)scales + (part * Rows) + lane), sums16 + (part * 2));
            }
        }
        return sum;
    }

    /// <summary>The factors d of a register's outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Factors<V>(byte* scales, int lane)
        where V : unmanaged, IPanelVector<V> => V.Halves(scales + FactorsAt + (lane * sizeof(ushort)));

    /// <summary>The factors dmin of a register's outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MinimumFactors<V>(byte* scales, int lane)
        where V : unmanaged, IPanelVector<V> => V.Halves(scales + FactorsAt + HalvesBytes + (lane * sizeof(ushort)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LoadPairs<V>(byte* scales, int lane, int part)
        where V : unmanaged, IPanelVector<V>
    {
        byte* pairs = scales + (part * 2 * Rows) + (lane * 2);
        return TFormat.HasNibbleScales ? V.LowPairs(pairs) : V.Pairs((sbyte*)pairs);
    }
}
