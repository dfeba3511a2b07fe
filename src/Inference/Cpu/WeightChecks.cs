using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Winnow.Inference.Cpu.Panels;
using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu;

/// <summary>Refuses weights that are infinite or not a number: they would turn every output into NaN, far from the cause.</summary>
internal static unsafe class WeightChecks
{
    /// <summary>Looks at every float, half and block scale of some rows of a tensor.</summary>
    /// <param name="file">The tensor's file.</param>
    /// <param name="tensor">A tensor of a supported type.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="rows">Rows, all of them in the tensor.</param>
    /// <exception cref="ModelFileException">One is not finite.</exception>
    public static void RequireFinite(ModelFile file, GgufTensor tensor, long firstRow, long rows)
    {
        FiniteCheck check = new()
        {
            Data = file.GetPointer(tensor) + (firstRow * tensor.RowBytes),
            Blocks = rows * (tensor.RowElements / tensor.Type.BlockElements()),
            BlockBytes = tensor.Type.BlockBytes(),
        };
        PanelFormats.Visit(tensor.Type, ref check);
        if (!check.Finite)
        {
            throw new ModelFileException(file.Path, $"tensor '{tensor.Name}', values", "infinity or NaN", "finite numbers");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AllFinite(uint* values, long count)
    {
        Vector256<uint> mask = Vector256.Create(0x7F800000u);
        Vector256<uint> found = Vector256<uint>.Zero;
        long i = 0;
        for (; i + Vector256<uint>.Count <= count; i += Vector256<uint>.Count)
        {
            found |= Vector256.Equals(Vector256.Load(values + i) & mask, mask);
        }
        bool finite = found == Vector256<uint>.Zero;
        for (; i < count; i++)
        {
            finite &= (values[i] & 0x7F800000u) != 0x7F800000u;
        }
        return finite;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AllFinite(ushort* values, long count, ushort exponent)
    {
        Vector256<ushort> mask = Vector256.Create(exponent);
        Vector256<ushort> found = Vector256<ushort>.Zero;
        long i = 0;
        for (; i + Vector256<ushort>.Count <= count; i += Vector256<ushort>.Count)
        {
            found |= Vector256.Equals(Vector256.Load(values + i) & mask, mask);
        }
        bool finite = found == Vector256<ushort>.Zero;
        for (; i < count; i++)
        {
            finite &= (values[i] & exponent) != exponent;
        }
        return finite;
    }

    private struct FiniteCheck : IFormatVisitor
    {
        public byte* Data;
        public long Blocks;
        public int BlockBytes;
        public bool Finite;

        public void VisitBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, IBlockFormat => Finite = TFormat.HasExponent ? NoneIsNaN() : AllScalesFinite(0, TFormat.HasMinimum);

        public void VisitFloats<TElements>()
            where TElements : struct, IElements => Finite = TElements.Size == sizeof(uint)
                ? AllFinite((uint*)Data, Blocks)
                : AllFinite((ushort*)Data, Blocks, TElements.Exponent);

        public void VisitSuperBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, ISuperBlockFormat => Finite = AllScalesFinite(TFormat.ScaleAt, TFormat.HasMinimum);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly bool AllScalesFinite(int at, bool two)
        {
            bool finite = true;
            byte* scale = Data + at;
            for (long i = 0; i < Blocks; i++, scale += BlockBytes)
            {
                finite &= (*(ushort*)scale & 0x7C00) != 0x7C00;
                finite &= !two || (((ushort*)scale)[1] & 0x7C00) != 0x7C00;
            }
            return finite;
        }

        // 255 is not a number in the microscaling formats.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly bool NoneIsNaN()
        {
            bool finite = true;
            for (long i = 0; i < Blocks; i++)
            {
                finite &= Data[i * BlockBytes] != 255;
            }
            return finite;
        }
    }
}
