using System.Runtime.InteropServices;
using static Winnow.Inference.Cpu.Emitted.PanelRegisters;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>
/// The frame of an emitted panel product: arguments into registers, a loop over blocks, totals back. The calling convention is that of
/// System V, with <see cref="PanelArguments"/> as the one parameter.
/// </summary>
internal abstract class PanelCode(EvexAssembler code, PlaneCode planes, int rows)
{
    private static readonly Gpr[] Saved = [Gpr.Rbx, Gpr.Rbp, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15];

    /// <summary>The assembler.</summary>
    protected EvexAssembler Code => code;

    /// <summary>The planes' unpacking.</summary>
    protected PlaneCode Planes => planes;

    /// <summary>Activation rows, 1 to <see cref="PanelRegisters.Rows"/>.</summary>
    protected int RowCount => rows;

    /// <summary>Emits everything.</summary>
    public void Emit()
    {
        foreach (Gpr register in Saved)
        {
            code.Push(register);
        }
        LoadArguments();
        planes.LoadConstants(Count, Table);
        LoadConstants(Count);
        for (int row = 0; row < rows; row++)
        {
            code.Vector(VectorOp.Load, Total + row, 0, new Address(Totals, row * 64));
        }
        code.Load(Count, ArgumentAt(nameof(PanelArguments.Blocks)));
        code.Load(Codes, ArgumentAt(nameof(PanelArguments.Codes)));
        int loop = code.Here();
        EmitBlock();
        code.Decrement(Count);
        code.JumpIfNotZero(loop);
        for (int row = 0; row < rows; row++)
        {
            code.Vector(VectorOp.Store, Total + row, 0, new Address(Totals, row * 64));
        }
        code.ZeroUpper();
        for (int i = Saved.Length - 1; i >= 0; i--)
        {
            code.Pop(Saved[i]);
        }
        code.Return();
    }

    /// <summary>Emits constants of the derived product.</summary>
    /// <param name="scratch">A register to spoil.</param>
    protected abstract void LoadConstants(Gpr scratch);

    /// <summary>Emits one block, pointers moved to the next one included.</summary>
    protected abstract void EmitBlock();

    /// <summary>Emits <c>vector = value</c> in every 32-bit lane.</summary>
    protected void Broadcast(Gpr scratch, int vector, int value)
    {
        code.Set(scratch, value);
        code.Vector(VectorOp.BroadcastRegister, vector, 0, (int)scratch);
    }

    /// <summary>Emits the products of 32 inputs: the first 16 into one sum a row, the second 16 into another or the same.</summary>
    /// <param name="part">Which 32 inputs of the block.</param>
    /// <param name="planeBytes">Bytes of the planes of 32 inputs.</param>
    /// <param name="first">First row's sum.</param>
    /// <param name="second">First row's sum of the second half.</param>
    protected void EmitProducts(int part, int planeBytes, int first, int second)
    {
        for (int step = 0; step < 4; step++)
        {
            planes.Unpack(new Address(Codes, part * planeBytes), step);
            for (int row = 0; row < rows; row++)
            {
                Address input = Input.Of(row, (part * 32) + (step * 4));
                code.Vector(VectorOp.DotBytes, first + row, PlaneCode.First, input, broadcast: true);
                code.Vector(VectorOp.DotBytes, second + row, PlaneCode.Second, input.Plus(16), broadcast: true);
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
        for (int row = 0; row < rows; row++)
        {
            code.Vector(VectorOp.Multiply, product, factors, InputScales.Of(row), broadcast: true);
            code.Vector(VectorOp.Int32ToSingle, integers + row, 0, integers + row);
            code.Vector(op, Total + row, integers + row, product);
        }
    }

    /// <summary>Emits zeros into one vector a row.</summary>
    protected void EmitZero(int first)
    {
        for (int row = 0; row < rows; row++)
        {
            code.Vector(VectorOp.Xor, first + row, first + row, first + row);
        }
    }

    private static Address ArgumentAt(string field) =>
        new(Gpr.Rdi, (int)Marshal.OffsetOf<PanelArguments>(field));

    private void LoadArguments()
    {
        code.Load(Scales, ArgumentAt(nameof(PanelArguments.Scales)));
        code.Load(Table, ArgumentAt(nameof(PanelArguments.Table)));
        code.Load(Totals, ArgumentAt(nameof(PanelArguments.Totals)));
        code.Load(ScaledSums, ArgumentAt(nameof(PanelArguments.ScaledSums)));
        LoadRows(Input, nameof(PanelArguments.Input), nameof(PanelArguments.InputStride));
        LoadRows(InputScales, nameof(PanelArguments.InputScales), nameof(PanelArguments.ScaleStride));
        LoadRows(Sums, nameof(PanelArguments.Sums), nameof(PanelArguments.SumStride));
    }

    private void LoadRows(RowAddresses addresses, string start, string stride)
    {
        code.Load(addresses.Start, ArgumentAt(start));
        code.Load(addresses.Stride, ArgumentAt(stride));
        code.LoadAddress(addresses.Stride3, new Address(addresses.Stride, 0, addresses.Stride, 2));
    }
}
