using Winnow.Inference.Cpu.Panels;
using static Winnow.Inference.Cpu.Emitted.PanelRegisters;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>What products of code planes share: exact integer sums of products, then floats.</summary>
internal abstract class CodedPanelCode<TCodes>(EvexAssembler code, int rows) : PanelCode(code, rows)
    where TCodes : struct, ICodePlanes
{
    private readonly PlaneCode _planes = PlaneCode.For<TCodes>(code);

    /// <inheritdoc/>
    protected override void LoadConstants(Gpr scratch)
    {
        _planes.LoadConstants(scratch, Table);
        for (int row = 0; row < RowCount; row++)
        {
            Code.Vector(VectorOp.Load, Total + row, 0, new Address(Totals, row * 64));
        }
    }

    /// <summary>Emits the products of 32 inputs: the first 16 into one sum a row, the second 16 into another or the same.</summary>
    /// <param name="part">Which 32 inputs of the block.</param>
    /// <param name="first">First row's sum.</param>
    /// <param name="second">First row's sum of the second half.</param>
    protected void EmitProducts(int part, int first, int second)
    {
        for (int step = 0; step < 4; step++)
        {
            _planes.Unpack(new Address(Codes, part * TCodes.Bytes), step);
            AskForCodes((part * TCodes.Bytes) + LineBefore(step), (part * TCodes.Bytes) + LineBefore(step + 1));
            for (int row = 0; row < RowCount; row++)
            {
                Address input = Input.Of(row, (part * 32) + (step * 4));
                Code.Vector(VectorOp.DotBytes, first + row, PlaneCode.First, input, broadcast: true);
                Code.Vector(VectorOp.DotBytes, second + row, PlaneCode.Second, input.Plus(16), broadcast: true);
            }
        }
    }

    /// <summary>Emits <c>total = total +- float(integers) * (factors * one factor of each row)</c>.</summary>
    /// <param name="op">Adds or subtracts.</param>
    /// <param name="integers">First row's integers, spoiled.</param>
    /// <param name="factors">One vector of floats.</param>
    /// <param name="product">A vector to spoil.</param>
    protected void EmitTotals(VectorOp op, int integers, int factors, int product)
    {
        for (int row = 0; row < RowCount; row++)
        {
            Code.Vector(VectorOp.Multiply, product, factors, InputScales.Of(row), broadcast: true);
            Code.Vector(VectorOp.Int32ToSingle, integers + row, 0, integers + row);
            Code.Vector(op, Total + row, integers + row, product);
        }
    }

    // A quarter of the lines goes with each step.
    private static int LineBefore(int step) => TCodes.Bytes / PlaneCode.PlaneBytes * step / 4 * PlaneCode.PlaneBytes;
}
