using Winnow.Inference.Cpu.Panels;
using static Winnow.Inference.Cpu.Emitted.PanelRegisters;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>A panel of floats; the arithmetic is that of <see cref="IPanelDot"/>.</summary>
/// <remarks>Even inputs are summed in the totals' registers, odd ones in <see cref="Sum"/>'s.</remarks>
internal sealed class FloatCode<TElements>(EvexAssembler code, int rows) : PanelCode(code, rows)
    where TElements : struct, IElements
{
    private const int ColumnElements = WeightMatrix.PanelRows;

    /// <inheritdoc/>
    protected override bool AsksAhead => true;

    /// <inheritdoc/>
    protected override void LoadConstants(Gpr scratch)
    {
        EmitZero(Total);
        EmitZero(Sum);
    }

    /// <inheritdoc/>
    protected override void EmitBlock()
    {
        for (int column = 0; column < PanelLayout.FloatColumns; column++)
        {
            EmitLoad(Temporary + column, new Address(Codes, column * ColumnElements * TElements.Size));
            int sums = column == 0 ? Total : Sum;
            for (int row = 0; row < RowCount; row++)
            {
                Code.Vector(VectorOp.MultiplyAdd, sums + row, Temporary + column, Input.Of(row, column * sizeof(float)), broadcast: true);
            }
        }
        AskForCodes(0, PanelLayout.FloatColumns * ColumnElements * TElements.Size);
        Code.Add(Codes, PanelLayout.FloatColumns * ColumnElements * TElements.Size);
        Code.Add(Input.Start, PanelLayout.FloatColumns * sizeof(float));
    }

    /// <inheritdoc/>
    protected override void EmitEnd()
    {
        for (int row = 0; row < RowCount; row++)
        {
            Code.Vector(VectorOp.Add, Total + row, Total + row, Sum + row);
        }
    }

    private void EmitLoad(int destination, Address source)
    {
        switch (default(TElements))
        {
            case HalfElements:
                Code.Vector(VectorOp.WidenHalves, destination, 0, source);
                break;
            case BrainElements:
                Code.Vector(VectorOp.WidenWordsToInt32, destination, 0, source);
                Code.Shift(VectorOp.ShiftLeftInt32, destination, destination, 16);
                break;
            default:
                Code.Vector(VectorOp.Load, destination, 0, source);
                break;
        }
    }
}
