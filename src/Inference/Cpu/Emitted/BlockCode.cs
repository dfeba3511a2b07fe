using Winnow.Inference.Cpu.Panels;
using static Winnow.Inference.Cpu.Emitted.PanelRegisters;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>A panel in blocks of 32; the arithmetic is that of <see cref="IPanelDot"/>.</summary>
internal sealed class BlockCode<TCodes, TFormat>(EvexAssembler code, int rows) : CodedPanelCode<TCodes>(code, rows)
    where TCodes : struct, ICodePlanes
    where TFormat : struct, IBlockFormat
{
    private const int Offset = Constant + 3;
    private const int LeastExponent = Below;
    private const int Half = Below + 1;
    private const int Factors = Temporary + 5;
    private const int Product = Temporary + 6;

    /// <inheritdoc/>
    protected override bool AsksAhead => TCodes.Bytes == NibblePlanes.Bytes;

    /// <inheritdoc/>
    protected override void LoadConstants(Gpr scratch)
    {
        base.LoadConstants(scratch);
        Broadcast(scratch, Offset, -TFormat.Offset);
        if (TFormat.HasExponent)
        {
            Broadcast(scratch, LeastExponent, HalfBits.LeastExponent);
            Broadcast(scratch, Half, BitConverter.SingleToInt32Bits(0.5f));
        }
    }

    /// <inheritdoc/>
    protected override void EmitBlock()
    {
        EmitStart();
        EmitProducts(0, Sum, Sum);
        AskForScales(BlockScales<TFormat>.Bytes);
        EmitFactors();
        EmitTotals(VectorOp.MultiplyAdd, Sum, Factors, Product);
        if (TFormat.HasMinimum)
        {
            Code.Vector(VectorOp.WidenHalves, Factors, 0, new Address(Scales, 32));
            for (int row = 0; row < RowCount; row++)
            {
                Code.Vector(VectorOp.MultiplyAdd, Total + row, Factors, InputScaledSums.Of(row), broadcast: true);
            }
            Code.Add(ScaledSums, sizeof(float));
        }
        Code.Add(Codes, TCodes.Bytes);
        Code.Add(Scales, BlockScales<TFormat>.Bytes);
        Code.Add(Input.Start, PanelFormats.BlockElements);
        Code.Add(InputScales.Start, sizeof(float));
        Code.Add(Sums.Start, sizeof(int));
    }

    // A sum starts at what the codes' offset takes away.
    private void EmitStart()
    {
        if (TFormat.Offset == 0)
        {
            EmitZero(Sum);
            return;
        }
        for (int row = 0; row < RowCount; row++)
        {
            Code.Vector(VectorOp.MultiplyInt32, Sum + row, Offset, Sums.Of(row), broadcast: true);
        }
    }

    private void EmitFactors()
    {
        if (!TFormat.HasExponent)
        {
            Code.Vector(VectorOp.WidenHalves, Factors, 0, new Address(Scales));
            return;
        }
        Code.Vector(VectorOp.WidenBytesToInt32, Factors, 0, new Address(Scales));
        Code.Shift(VectorOp.ShiftLeftInt32, Factors, Factors, 23);
        Code.Vector(VectorOp.MaxInt32, Factors, Factors, LeastExponent);
        Code.Vector(VectorOp.Multiply, Factors, Factors, Half);
    }
}
