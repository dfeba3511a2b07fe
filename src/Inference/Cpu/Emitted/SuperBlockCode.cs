using Winnow.Inference.Cpu.Panels;
using static Winnow.Inference.Cpu.Emitted.PanelRegisters;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>A panel in super-blocks of 256; the arithmetic is that of <see cref="IPanelDot"/>.</summary>
internal sealed class SuperBlockCode<TCodes, TFormat>(EvexAssembler code, int rows) : CodedPanelCode<TCodes>(code, rows)
    where TCodes : struct, ICodePlanes
    where TFormat : struct, ISuperBlockFormat
{
    private const int Scale = Temporary + 5;
    private const int SecondScale = Temporary + 6;
    private const int Offset = Constant + 3;
    private const int LowNibbles = Constant + 3;
    private const int SixBits = Constant + 3;

    /// <summary>Sums of activations that are read: over 16 inputs, or over 32.</summary>
    public static bool ReadsSumsOf32 => TFormat.SubBlock == 32 && TFormat.HasMinimum;

    private static Gpr OpenScales => SuperBlockScales<TFormat>.AreClosed ? Table : Scales;

    /// <inheritdoc/>
    protected override bool AsksAhead => TFormat.SubBlock == 16;

    /// <inheritdoc/>
    protected override void LoadConstants(Gpr scratch)
    {
        base.LoadConstants(scratch);
        if (TFormat.HasNibbleScales)
        {
            Broadcast(scratch, LowNibbles, 0x000F000F);
        }
        else if (SuperBlockScales<TFormat>.AreClosed)
        {
            Broadcast(scratch, SixBits, SixBitScales.Mask);
        }
        else if (TFormat.SubBlock == 32)
        {
            // Both words, for products with pairs of sums.
            Broadcast(scratch, Offset, (-TFormat.Offset << 16) | (-TFormat.Offset & 0xFFFF));
        }
        else
        {
            Broadcast(scratch, Offset, TFormat.Offset);
        }
    }

    /// <inheritdoc/>
    protected override void EmitBlock()
    {
        EmitZero(SuperSum);
        if (TFormat.SubBlock == 16 || TFormat.HasMinimum)
        {
            EmitZero(Below);
        }
        if (SuperBlockScales<TFormat>.AreClosed)
        {
            EmitOpen();
        }
        for (int part = 0; part < PanelFormats.SuperBlockParts; part++)
        {
            if (TFormat.SubBlock == 32)
            {
                EmitPart32(part);
            }
            else
            {
                EmitPart16(part);
            }
        }
        EmitFinish();
        AskForScales(SuperBlockScales<TFormat>.Bytes);
        Code.Add(Codes, TCodes.Bytes * PanelFormats.SuperBlockParts);
        Code.Add(Scales, SuperBlockScales<TFormat>.Bytes);
        Code.Add(Input.Start, PanelFormats.SuperBlockElements);
        Code.Add(InputScales.Start, sizeof(float));
        Code.Add(Sums.Start, (ReadsSumsOf32 ? 8 : 16) * sizeof(short));
    }

    // What lies above the six bits belongs to the last run of values.
    private void EmitOpen()
    {
        const int Values = Temporary + 1;
        const int Last = Temporary + 2;
        for (int run = 0; run < 3; run++)
        {
            Code.Vector(VectorOp.Load, Temporary, 0, new Address(Scales, run * SixBitScales.Run));
            Code.Vector(VectorOp.And, Values, Temporary, SixBits);
            Code.Vector(VectorOp.Store, Values, 0, new Address(Table, run * SixBitScales.Run));
            Code.Vector(VectorOp.Xor, Temporary, Temporary, Values);
            Code.Shift(VectorOp.ShiftRightWords, run == 0 ? Last : Temporary, Temporary, (byte)(6 - (2 * run)));
            if (run > 0)
            {
                Code.Vector(VectorOp.Or, Last, Last, Temporary);
            }
        }
        Code.Vector(VectorOp.Store, Last, 0, new Address(Table, SixBitScales.Bytes));
    }

    private void EmitPart32(int part)
    {
        EmitZero(Sum);
        if (TFormat.Offset != 0)
        {
            for (int row = 0; row < RowCount; row++)
            {
                Code.Vector(VectorOp.DotWords, Sum + row, Offset, Sums.Of(row, part * 4), broadcast: true);
            }
        }
        EmitProducts(part, Sum, Sum);
        Code.Vector(VectorOp.WidenSignedBytesToInt32, Scale, 0, new Address(OpenScales, part * 16));
        EmitScaled(Sum, Scale);
        if (TFormat.HasMinimum && part % 2 == 0)
        {
            Address minima = new(OpenScales, SuperBlockScales<TFormat>.MinimaAt + (part * 16));
            Code.Vector(VectorOp.WidenSignedBytesToInt16, Scale, 0, minima);
            EmitBelow(Scale, part * 2);
        }
    }

    // Scales of two sub-blocks lie together in the two words of a lane.
    private void EmitPart16(int part)
    {
        EmitZero(Sum);
        EmitZero(SecondSum);
        EmitProducts(part, Sum, SecondSum);
        Address pairs = new(Scales, part * 32);
        if (TFormat.HasNibbleScales)
        {
            Code.Vector(VectorOp.WidenBytesToInt16, SecondScale, 0, pairs);
            Code.Shift(VectorOp.ShiftRightWords, Scale, SecondScale, 4);
            EmitBelow(Scale, part * 4);
            Code.Vector(VectorOp.And, SecondScale, SecondScale, LowNibbles);
        }
        else
        {
            Code.Vector(VectorOp.WidenSignedBytesToInt16, SecondScale, 0, pairs);
            EmitBelow(SecondScale, part * 4);
        }
        Code.Shift(VectorOp.ShiftLeftInt32, Scale, SecondScale, 16);
        Code.Shift(VectorOp.ShiftRightSignedInt32, Scale, Scale, 16);
        Code.Shift(VectorOp.ShiftRightSignedInt32, SecondScale, SecondScale, 16);
        EmitScaled(Sum, Scale);
        EmitScaled(SecondSum, SecondScale);
    }

    private void EmitScaled(int sums, int scale)
    {
        for (int row = 0; row < RowCount; row++)
        {
            Code.Vector(VectorOp.MultiplyInt32, sums + row, sums + row, scale);
            Code.Vector(VectorOp.AddInt32, SuperSum + row, SuperSum + row, sums + row);
        }
    }

    private void EmitBelow(int pairs, int sumBytes)
    {
        for (int row = 0; row < RowCount; row++)
        {
            Code.Vector(VectorOp.DotWords, Below + row, pairs, Sums.Of(row, sumBytes), broadcast: true);
        }
    }

    private void EmitFinish()
    {
        if (TFormat.SubBlock == 16 && !TFormat.HasMinimum)
        {
            for (int row = 0; row < RowCount; row++)
            {
                Code.Vector(VectorOp.MultiplyInt32, Below + row, Below + row, Offset);
                Code.Vector(VectorOp.SubtractInt32, SuperSum + row, SuperSum + row, Below + row);
            }
        }
        Address factors = new(Scales, SuperBlockScales<TFormat>.StoredFactorsAt);
        Code.Vector(VectorOp.WidenHalves, Scale, 0, factors);
        EmitTotals(VectorOp.MultiplyAdd, SuperSum, Scale, SecondScale);
        if (TFormat.HasMinimum)
        {
            Code.Vector(VectorOp.WidenHalves, Scale, 0, factors.Plus(32));
            EmitTotals(VectorOp.MultiplySubtract, Below, Scale, SecondScale);
        }
    }
}
