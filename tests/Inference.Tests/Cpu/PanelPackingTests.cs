using Winnow.Inference.Cpu;
using Winnow.Inference.Cpu.Panels;
using Winnow.Inference.Files;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>Where packed elements lie, for numbers of rows and columns that no vector divides.</summary>
public sealed unsafe class PanelPackingTests
{
    [Theory]
    [InlineData(GgmlType.F32)]
    [InlineData(GgmlType.F16)]
    [InlineData(GgmlType.BF16)]
    public void Pack_Floats_EveryElementIsInItsColumnAndMissingRowsAreZero(GgmlType type)
    {
        int size = type.BlockBytes();
        foreach (int rows in (int[])[1, 3, 4, 7, 8, 12, 15, 16, 17, 28])
        {
            foreach (int columns in (int[])[1, 2, 3, 4, 5, 8, 9, 16, 31])
            {
                byte[] data = new byte[rows * columns * size];
                new Random(rows + columns).NextBytes(data);
                fixed (byte* source = data)
                {
                    using WeightMatrix sut = WeightMatrix.Create(type, rows, columns, source);
                    AssertColumns(sut, data, size, columns);
                }
            }
        }
    }

    [Fact]
    public void Most_OfEveryType_FitsTheSignedBytesOfArmsDotProduct()
    {
        LargestCode largest = default;
        foreach (GgmlType type in WeightDecoder.AllTypes)
        {
            Assert.True(PanelFormats.Visit(type, ref largest));
        }

        Assert.InRange(largest.Most, 1, sbyte.MaxValue);
    }

    private static void AssertColumns(WeightMatrix matrix, byte[] data, int size, int columns)
    {
        for (int row = 0; row < matrix.Panels * WeightMatrix.PanelRows; row++)
        {
            byte* codes = matrix.Panel(row / WeightMatrix.PanelRows).Codes + (row % WeightMatrix.PanelRows * size);
            for (int column = 0; column < columns; column++)
            {
                ReadOnlySpan<byte> packed = new(codes + (column * WeightMatrix.PanelRows * size), size);
                ReadOnlySpan<byte> expected = row < matrix.Rows ? data.AsSpan(((row * columns) + column) * size, size) : new byte[size];
                Assert.True(packed.SequenceEqual(expected), $"{matrix.Type} {matrix.Rows} x {columns}, row {row}, column {column}");
            }
        }
    }

    private struct LargestCode : IFormatVisitor
    {
        public int Most { get; private set; }

        public void VisitBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, IBlockFormat => Most = Math.Max(Most, TCodes.Most);

        public void VisitFloats<TElements>()
            where TElements : struct, IElements
        {
        }

        public void VisitSuperBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, ISuperBlockFormat => Most = Math.Max(Most, TCodes.Most);
    }
}
