using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

// purpose    Products of many rows with a matrix: tiles of 64 rows and 64 outputs share what they load.
// formula    y[t][n] = (q0 + q1) + (q2 + q3), q = sum of chains, chain = sum of unit(n) . unit(t), in order; see ChainLayout and UnitFactors.
// shapes     weights N x K, prepared rows T x K, y T x N, or N / 2 where gate and up are neighbours.
// layout     weights and rows by unit position, planes of 16 bytes; in shared memory output 4x + c lies at c 16 + x, so that banks differ.
// launch     groups of 256: a thread computes 4 rows and 4 outputs; grid: outputs / 64, rows / 64. Two barriers per 32 inputs.
// cost       2 T N K operations; (N T / 64) K (weight + row bytes); intensity 64 a byte; no local memory; 6 to 17 KiB shared.
// numerics   integers exact, one float32 term a unit (two with minima), units walked in the order of the chains; equal to FewRows bit for bit.
// versions   v1 this, one stage. v2 would load the next stage while this one is computed. Times: not measured, no device.

/// <summary>Kernels for many rows; the few-row kernels give the same bits.</summary>
internal static class ManyRows
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 256;

    /// <summary>Rows, and outputs, of a group.</summary>
    public const int Tile = 64;

    private const int StageQuads = 8;
    private const int StageUnits = 4;
    private const int IntegerQuarter = ChainLayout.IntegerChains / ChainLayout.Quarters;
    private const int FloatQuarter = ChainLayout.FloatChains / ChainLayout.Quarters;

    /// <summary>Products of exact integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Integers<TForm, TMath, TRows>(in ProductArguments arguments)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
        where TRows : struct, ITileRows
    {
        ArrayView<Quad> codes = SharedMemory.Allocate<Quad>(4 * Tile);
        ArrayView<UnitFactors> factors = SharedMemory.Allocate<UnitFactors>(Tile);
        ArrayView<float> scales = SharedMemory.Allocate<float>(Tile);
        ArrayView<Quad> sums = SharedMemory.Allocate<Quad>(Tile);
        if (TRows.Count(arguments) <= 0)
        {
            return; // all of the group: a tile without results
        }
        RowTile row0 = default;
        RowTile row1 = default;
        RowTile row2 = default;
        RowTile row3 = default;
        int x = Group.IdxX % 16;
        int y = Group.IdxX / 16;
        for (int chain = 0; chain < arguments.Layout.Chains; chain++)
        {
            int start = arguments.Layout.Start(chain);
            int steps = arguments.Layout.Start(chain + 1) - start;
            for (int step = 0; step < steps; step++)
            {
                UnitPlace place = arguments.Layout.Place(chain, start, step);
                for (int part = 0; part < TForm.Sixteens / 2; part++)
                {
                    Group.Barrier();
                    StageCodes<TForm, TRows>(arguments, codes, place, part);
                    if (part == 0)
                    {
                        StageFactors<TForm, TRows>(arguments, factors, scales, sums, place.First + place.Slot);
                    }
                    Group.Barrier();
                    for (int half = 0; half < 2; half++)
                    {
                        FourQuads weights = Read(codes, (half * Tile) + x);
                        Quad outputScales = Scales<TForm>(factors, x, (2 * part) + half);
                        int input = (2 * Tile) + (half * Tile) + y;
                        row0 = RowTile.AddCodes<TMath>(row0, codes[input], weights, outputScales);
                        row1 = RowTile.AddCodes<TMath>(row1, codes[input + 16], weights, outputScales);
                        row2 = RowTile.AddCodes<TMath>(row2, codes[input + 32], weights, outputScales);
                        row3 = RowTile.AddCodes<TMath>(row3, codes[input + 48], weights, outputScales);
                    }
                }
                FourFactors four = Read(factors, x);
                row0 = RowTile.EndUnit<TForm, TMath>(row0, four, scales[y], sums[y]);
                row1 = RowTile.EndUnit<TForm, TMath>(row1, four, scales[y + 16], sums[y + 16]);
                row2 = RowTile.EndUnit<TForm, TMath>(row2, four, scales[y + 32], sums[y + 32]);
                row3 = RowTile.EndUnit<TForm, TMath>(row3, four, scales[y + 48], sums[y + 48]);
            }
            row0 = RowTile.EndChain(row0, chain, IntegerQuarter);
            row1 = RowTile.EndChain(row1, chain, IntegerQuarter);
            row2 = RowTile.EndChain(row2, chain, IntegerQuarter);
            row3 = RowTile.EndChain(row3, chain, IntegerQuarter);
        }
        Store<TRows>(arguments, IntegerQuarter, row0, row1, row2, row3);
    }

    /// <summary>Products of floats: a stage is four units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Floats<TForm, TMath, TRows>(in ProductArguments arguments)
        where TForm : struct, IFloatForm
        where TMath : struct, IDeviceMath
        where TRows : struct, ITileRows
    {
        ArrayView<FloatQuad> weights = SharedMemory.Allocate<FloatQuad>(StageQuads * Tile);
        ArrayView<FloatQuad> inputs = SharedMemory.Allocate<FloatQuad>(StageQuads * Tile);
        if (TRows.Count(arguments) <= 0)
        {
            return; // all of the group: a tile without results
        }
        RowTile row0 = default;
        RowTile row1 = default;
        RowTile row2 = default;
        RowTile row3 = default;
        int x = Group.IdxX % 16;
        int y = Group.IdxX / 16;
        for (int chain = 0; chain < arguments.Layout.Chains; chain++)
        {
            int end = arguments.Layout.Start(chain + 1);
            for (int unit = arguments.Layout.Start(chain); unit < end; unit++)
            {
                if (unit % StageUnits == 0)
                {
                    Group.Barrier();
                    StageFloats<TForm, TRows>(arguments, weights, inputs, unit);
                    Group.Barrier();
                }
                for (int quad = 0; quad < 2; quad++)
                {
                    int at = ((unit % StageUnits * 2) + quad) * Tile;
                    FloatQuad a = weights[at + x];
                    FloatQuad b = weights[at + x + 16];
                    FloatQuad c = weights[at + x + 32];
                    FloatQuad d = weights[at + x + 48];
                    row0 = RowTile.AddFloats<TMath>(row0, inputs[at + y], a, b, c, d);
                    row1 = RowTile.AddFloats<TMath>(row1, inputs[at + y + 16], a, b, c, d);
                    row2 = RowTile.AddFloats<TMath>(row2, inputs[at + y + 32], a, b, c, d);
                    row3 = RowTile.AddFloats<TMath>(row3, inputs[at + y + 48], a, b, c, d);
                }
            }
            row0 = RowTile.EndChain(row0, chain, FloatQuarter);
            row1 = RowTile.EndChain(row1, chain, FloatQuarter);
            row2 = RowTile.EndChain(row2, chain, FloatQuarter);
            row3 = RowTile.EndChain(row3, chain, FloatQuarter);
        }
        Store<TRows>(arguments, FloatQuarter, row0, row1, row2, row3);
    }

    // Half of the threads load 16 codes of an output each, the others 16 of a row.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StageCodes<TForm, TRows>(in ProductArguments arguments, ArrayView<Quad> codes, UnitPlace place, int part)
        where TForm : struct, IIntegerForm
        where TRows : struct, ITileRows
    {
        int units = arguments.Layout.Units;
        int one = Group.IdxX % Tile;
        int half = (Group.IdxX / Tile) & 1;
        int slot = (half * Tile) + Slot(one);
        if (Group.IdxX < 2 * Tile)
        {
            int output = TRows.Matrix(arguments) + IntrinsicMath.Min((Grid.IdxX * Tile) + one, arguments.Outputs - 1);
            int at = (((output * units) + place.First) * TForm.CodePlanes) + place.Slot;
            codes[slot] = TForm.LoadSixteen(arguments.Weights.Codes, at, place.Stride, (2 * part) + half);
        }
        else
        {
            int at = (((TRows.Input(arguments, one) * units) + place.First) * TForm.Sixteens) + place.Slot;
            Quad loaded = arguments.Input[at + (((2 * part) + half) * place.Stride)];
            codes[(2 * Tile) + slot] = loaded;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StageFactors<TForm, TRows>(
        in ProductArguments arguments, ArrayView<UnitFactors> factors, ArrayView<float> scales, ArrayView<Quad> sums, int position)
        where TForm : struct, IIntegerForm
        where TRows : struct, ITileRows
    {
        int units = arguments.Layout.Units;
        int one = Group.IdxX % Tile;
        if (Group.IdxX < Tile)
        {
            int output = TRows.Matrix(arguments) + IntrinsicMath.Min((Grid.IdxX * Tile) + one, arguments.Outputs - 1);
            factors[Slot(one)] = UnitFactors.Load<TForm>(arguments.Weights, (output * units) + position);
        }
        else if (Group.IdxX < 2 * Tile)
        {
            int at = (TRows.Input(arguments, one) * units) + position;
            scales[Slot(one)] = arguments.InputScales[at];
            if (TForm.HasMinima)
            {
                Quad loaded = arguments.InputSums[at];
                sums[Slot(one)] = loaded;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StageFloats<TForm, TRows>(
        in ProductArguments arguments, ArrayView<FloatQuad> weights, ArrayView<FloatQuad> inputs, int first)
        where TForm : struct, IFloatForm
        where TRows : struct, ITileRows
    {
        int units = arguments.Layout.Units;
        int one = Group.IdxX % Tile;
        int stage = Group.IdxX / Tile;
        int unit = first + stage;
        if (unit < units)
        {
            UnitPlace place = arguments.Layout.Place(unit);
            int slot = (2 * stage * Tile) + Slot(one);
            int output = TRows.Matrix(arguments) + IntrinsicMath.Min((Grid.IdxX * Tile) + one, arguments.Outputs - 1);
            FloatUnit weight = TForm.Load(arguments.Weights.Codes, (((output * units) + place.First) * TForm.Planes) + place.Slot, place.Stride);
            weights[slot] = weight.Low;
            weights[slot + Tile] = weight.High;
            int row = TRows.Input(arguments, one);
            FloatUnit input = FloatForm.Load(arguments.Input, (((row * units) + place.First) * FloatForm.Planes) + place.Slot, place.Stride);
            inputs[slot] = input.Low;
            inputs[slot + Tile] = input.High;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Slot(int one) => ((one & 3) * 16) + (one >> 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FourQuads Read(ArrayView<Quad> codes, int at)
    {
        FourQuads result = default;
        result.A = codes[at];
        result.B = codes[at + 16];
        result.C = codes[at + 32];
        result.D = codes[at + 48];
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FourFactors Read(ArrayView<UnitFactors> factors, int at)
    {
        FourFactors result = default;
        result.A = factors[at];
        result.B = factors[at + 16];
        result.C = factors[at + 32];
        result.D = factors[at + 48];
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quad Scales<TForm>(ArrayView<UnitFactors> factors, int at, int sixteen)
        where TForm : struct, IIntegerForm
    {
        if (!TForm.HasScales)
        {
            return new Quad(1, 1, 1, 1);
        }
        FourFactors four = Read(factors, at);
        return new Quad(
            TForm.Scale(four.A.Scales, sixteen), TForm.Scale(four.B.Scales, sixteen),
            TForm.Scale(four.C.Scales, sixteen), TForm.Scale(four.D.Scales, sixteen));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TRows>(
        in ProductArguments arguments, int quarter, in RowTile row0, in RowTile row1, in RowTile row2, in RowTile row3)
        where TRows : struct, ITileRows
    {
        int one = Group.IdxX / 16 * 4;
        bool alone = arguments.Layout.Chains == quarter;
        StoreRow<TRows>(arguments, one, row0.Result(alone));
        StoreRow<TRows>(arguments, one + 1, row1.Result(alone));
        StoreRow<TRows>(arguments, one + 2, row2.Result(alone));
        StoreRow<TRows>(arguments, one + 3, row3.Result(alone));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<TRows>(in ProductArguments arguments, int one, FloatQuad totals)
        where TRows : struct, ITileRows
    {
        if (one < TRows.Count(arguments))
        {
            int row = TRows.Output(arguments, one);
            int matrix = TRows.Matrix(arguments);
            int output = (Grid.IdxX * Tile) + (Group.IdxX % 16 * 4);
            ProductOutput.StorePair(arguments, matrix, row, output, totals.X, totals.Y);
            ProductOutput.StorePair(arguments, matrix, row, output + 2, totals.Z, totals.W);
        }
    }
}
