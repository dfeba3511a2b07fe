using System.Runtime.CompilerServices;
using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>Products of activation rows with a range of a packed matrix's panels.</summary>
/// <typeparam name="TDot">Products of one panel.</typeparam>
internal unsafe struct PanelProducts<TDot> : IFormatVisitor
    where TDot : struct, IPanelDot
{
    /// <summary>Rows that go through a panel together.</summary>
    public const int RowTile = 4;

    private const int Lanes = WeightMatrix.PanelRows;
    private WeightMatrix _weights;
    private ActivationRows _input;
    private OutputRows _output;
    private int _rows;
    private int _firstPanel;
    private int _endPanel;

    /// <summary>See <see cref="CpuKernels.MatMul"/>.</summary>
    public static void Run(WeightMatrix weights, in ActivationRows input, int rows, int firstPanel, int endPanel, in OutputRows output)
    {
        PanelProducts<TDot> products = default;
        products._weights = weights;
        products._input = input;
        products._rows = rows;
        products._firstPanel = firstPanel;
        products._endPanel = endPanel;
        products._output = output;
        PanelFormats.Visit(weights.Type, ref products);
    }

    public readonly void VisitBlocks<TCodes, TFormat>()
        where TCodes : struct, ICodePlanes
        where TFormat : struct, IBlockFormat
    {
        float* totals = stackalloc float[RowTile * Lanes];
        for (int index = _firstPanel; index < _endPanel; index++)
        {
            Panel panel = _weights.Panel(index);
            for (int row = 0; row < _rows;)
            {
                int count = Begin(row, totals);
                TDot.Blocks<TCodes, TFormat>(panel, _input.Quantized, row, count, totals);
                row = Emit(index, row, count, totals);
            }
        }
    }

    public readonly void VisitFloats<TElements>()
        where TElements : struct, IElements
    {
        float* totals = stackalloc float[RowTile * Lanes];
        for (int index = _firstPanel; index < _endPanel; index++)
        {
            Panel panel = _weights.Panel(index);
            for (int row = 0; row < _rows;)
            {
                int count = TDot.RowsTogether(_rows - row);
                TDot.Floats<TElements>(panel, _input, row, count, totals);
                row = Emit(index, row, count, totals);
            }
        }
    }

    public readonly void VisitSuperBlocks<TCodes, TFormat>()
        where TCodes : struct, ICodePlanes
        where TFormat : struct, ISuperBlockFormat
    {
        float* totals = stackalloc float[RowTile * Lanes];
        for (int index = _firstPanel; index < _endPanel; index++)
        {
            Panel panel = _weights.Panel(index);
            for (int row = 0; row < _rows;)
            {
                int count = Begin(row, totals);
                TDot.SuperBlocks<TCodes, TFormat>(panel, _input.Quantized, row, count, totals);
                row = Emit(index, row, count, totals);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int Begin(int row, float* totals)
    {
        int count = TDot.RowsTogether(_rows - row);
        new Span<float>(totals, count * Lanes).Clear();
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int Emit(int panel, int row, int count, float* totals)
    {
        int column = panel * Lanes;
        int columns = Math.Min(Lanes, _weights.Rows - column);
        for (int i = 0; i < count; i++, row++)
        {
            float* destination = _output.Row(row) + column;
            float* own = totals + (i * Lanes);
            for (int k = 0; k < columns; k++)
            {
                destination[k] = _output.Add ? destination[k] + own[k] : own[k];
            }
        }
        return row;
    }
}
