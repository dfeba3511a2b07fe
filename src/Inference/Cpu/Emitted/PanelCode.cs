using System.Runtime.InteropServices;
using static Winnow.Inference.Cpu.Emitted.PanelRegisters;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>
/// The frame of an emitted panel product: arguments into registers, a loop over blocks, totals back. The calling convention is that of
/// System V, with <see cref="PanelArguments"/> as the one parameter.
/// </summary>
internal abstract class PanelCode(EvexAssembler code, int rows)
{
    // Bytes from what is read to what is asked for. Less was slower from memory, and more gained nothing.
    private const int CodesAhead = 4096;
    private const int ScalesAhead = 512;
    private const int Line = 64;

    private static readonly Gpr[] Saved = [Gpr.Rbx, Gpr.Rbp, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15];

    /// <summary>The assembler.</summary>
    protected EvexAssembler Code => code;

    /// <summary>Activation rows, 1 to <see cref="PanelRegisters.Rows"/>.</summary>
    protected int RowCount => rows;

    /// <summary>
    /// Whether memory is asked for before it is read. That is for one row, which waits for memory, and where it measured faster: Q4_0, Q6_K, F16 and
    /// what is laid out as they are. Processors ask ahead by themselves, and Q4_K and Q8_0 were slower with more requests (docs/performance.md).
    /// </summary>
    protected abstract bool AsksAhead { get; }

    /// <summary>Emits everything.</summary>
    public void Emit()
    {
        foreach (Gpr register in Saved)
        {
            code.Push(register);
        }
        LoadArguments();
        LoadConstants(Count);
        code.Load(Count, ArgumentAt(nameof(PanelArguments.Blocks)));
        code.Load(Codes, ArgumentAt(nameof(PanelArguments.Codes)));
        int loop = code.Here();
        EmitBlock();
        code.Decrement(Count);
        code.JumpIfNotZero(loop);
        EmitEnd();
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

    /// <summary>Emits what comes before the loop.</summary>
    /// <param name="scratch">A register to spoil.</param>
    protected abstract void LoadConstants(Gpr scratch);

    /// <summary>Emits what comes after the loop; it leaves the totals in their registers.</summary>
    protected virtual void EmitEnd()
    {
    }

    /// <summary>Emits one block, pointers moved to the next one included.</summary>
    protected abstract void EmitBlock();

    /// <summary>Emits requests for codes.</summary>
    /// <param name="from">Where the bytes that are read begin, a multiple of 64.</param>
    /// <param name="to">Where they end.</param>
    protected void AskForCodes(int from, int to)
    {
        for (int at = from; at < to && AsksAhead && rows == 1; at += Line)
        {
            code.PrefetchNear(new Address(Codes, at + CodesAhead));
        }
    }

    /// <summary>Emits requests for scales.</summary>
    /// <param name="bytes">How many are read.</param>
    protected void AskForScales(int bytes)
    {
        for (int at = 0; at < bytes && AsksAhead && rows == 1; at += Line)
        {
            code.PrefetchNear(new Address(Scales, at + ScalesAhead));
        }
    }

    /// <summary>Emits <c>vector = value</c> in every 32-bit lane.</summary>
    protected void Broadcast(Gpr scratch, int vector, int value)
    {
        code.Set(scratch, value);
        code.Vector(VectorOp.BroadcastRegister, vector, 0, (int)scratch);
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
