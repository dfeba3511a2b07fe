using System.Runtime.Intrinsics.X86;
using Winnow.Inference.Cpu.Panels;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>
/// Panel products in machine code that is made at start, for processors with AVX-512 VNNI: <c>vpdpbusd</c> multiplies and adds 64 pairs of
/// bytes at once, and .NET has no intrinsic for its 512-bit form. docs/decisions/004-emitted-code.md.
/// </summary>
internal unsafe struct EmittedPanelDot : IPanelDot
{
    private const int VnniBit = 11;

    /// <inheritdoc/>
    public static bool IsSupported { get; } = Avx512BW.IsSupported && HasVnni() && CodeMemory.TryPlace([0xC3], out _);

    /// <inheritdoc/>
    public static int RowsTogether(int left) => Math.Min(left, PanelRegisters.Rows);

    /// <inheritdoc/>
    public static void Blocks<TCodes, TFormat>(in Panel panel, in QuantizedRows input, int row, int rows, float* totals)
        where TCodes : struct, ICodePlanes
        where TFormat : struct, IBlockFormat
    {
        long at = (long)row * panel.Blocks;
        PanelArguments arguments = new()
        {
            Codes = panel.Codes,
            Scales = panel.Scales,
            Blocks = panel.Blocks,
            Input = input.Bytes + ((long)row * input.Columns),
            InputStride = input.Columns,
            InputScales = input.Scales + at,
            ScaleStride = panel.Blocks * (long)sizeof(float),
            Sums = input.Sums + at,
            SumStride = panel.Blocks * (long)sizeof(int),
            ScaledSums = input.ScaledSums + at,
            Totals = totals,
            Table = EmittedTable<TCodes>.Start,
        };
        EmittedBlocks<TCodes, TFormat>.Code.Run(rows, &arguments);
    }

    /// <inheritdoc/>
    public static void Floats<TElements>(in Panel panel, in ActivationRows input, int row, int rows, float* totals)
        where TElements : struct, IElements
    {
        PanelArguments arguments = new()
        {
            Codes = panel.Codes,
            Blocks = panel.Blocks,
            Input = (sbyte*)input.Row(row),
            InputStride = input.Stride * sizeof(float),
            Totals = totals,
        };
        EmittedFloats<TElements>.Code.Run(rows, &arguments);
    }

    /// <inheritdoc/>
    public static void SuperBlocks<TCodes, TFormat>(in Panel panel, in QuantizedRows input, int row, int rows, float* totals)
        where TCodes : struct, ICodePlanes
        where TFormat : struct, ISuperBlockFormat
    {
        long at = (long)row * panel.Blocks;
        bool sumsOf32 = SuperBlockCode<TCodes, TFormat>.ReadsSumsOf32;
        int sums = sumsOf32 ? 8 : 16;
        byte* room = stackalloc byte[SixBitScales.Count];
        PanelArguments arguments = new()
        {
            Codes = panel.Codes,
            Scales = panel.Scales,
            Blocks = panel.Blocks,
            Input = input.SuperBytes + ((long)row * input.Columns),
            InputStride = input.Columns,
            InputScales = input.SuperScales + at,
            ScaleStride = panel.Blocks * (long)sizeof(float),
            Sums = (sumsOf32 ? input.Sums32 : input.Sums16) + (at * sums),
            SumStride = panel.Blocks * (long)sums * sizeof(short),
            Totals = totals,
            Table = SuperBlockScales<TFormat>.AreClosed ? room : EmittedTable<TCodes>.Start,
        };
        EmittedSuperBlocks<TCodes, TFormat>.Code.Run(rows, &arguments);
    }

    private static bool HasVnni() => X86Base.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << VnniBit)) != 0;
}
