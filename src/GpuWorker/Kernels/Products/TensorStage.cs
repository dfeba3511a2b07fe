using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>
/// What a thread of <see cref="TensorRows"/> has loaded of the next stage, 64 inputs of 64 rows and 128 outputs, while the group computes this one:
/// two blocks of 32, or a quarter of a super-block with its scales, and with the last quarter its factors.
/// </summary>
internal struct TensorStage
{
    /// <summary>Quads of a stage in shared memory.</summary>
    public const int Quads = OutputFactors + TensorRows.Outputs + TensorRows.Rows;

    /// <summary>Where weights begin: planes of 128 outputs. Rows lie before them: four planes of 64.</summary>
    public const int Weights = 4 * TensorRows.Rows;

    /// <summary>Where factors begin: blocks: floats of 128 outputs for each of two; super-blocks: the four scales of 128 outputs.</summary>
    public const int Factors = Weights + (4 * TensorRows.Outputs);

    /// <summary>Where scales of rows begin, floats: in super-blocks one a row, in blocks two, past 32 quads that factors need.</summary>
    public const int RowScales = Factors + (2 * TensorRows.Outputs / 4);

    /// <summary>Super-blocks: where d, dmin and eight minima of 128 outputs begin, a quad each; the sums of 64 rows follow.</summary>
    public const int OutputFactors = RowScales + (2 * TensorRows.Rows / 4);

    private const int LastSlice = 3;

    private Quad _input;
    private Quad _first;
    private Quad _second;
    private Quad _extra;
    private int _factors;
    private float _rowScale;

    /// <summary>Loads a thread's share of two blocks.</summary>
    /// <param name="arguments">The kernel's arguments.</param>
    /// <param name="row">The thread's prepared row.</param>
    /// <param name="output">The thread's output among all.</param>
    /// <param name="low">Where the first block is stored.</param>
    /// <param name="high">Where the second one is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TensorStage LoadBlocks<TForm>(in ProductArguments arguments, int row, int output, UnitPlace low, UnitPlace high)
        where TForm : struct, IIntegerForm
    {
        TensorStage stage = default;
        int rowUnits = row * arguments.Layout.Units;
        int outputUnits = output * arguments.Layout.Units;
        UnitPlace inputPlace = Group.IdxX < 2 * TensorRows.Rows ? low : high;
        int plane = (Group.IdxX / TensorRows.Rows) & 1;
        Quad input = arguments.Input[((rowUnits + inputPlace.First) * 2) + inputPlace.Slot + (plane * inputPlace.Stride)];
        stage._input = input;
        UnitPlace halfPlace = Group.IdxX < TensorRows.Outputs ? low : high;
        stage._factors = arguments.Weights.Factors[outputUnits + halfPlace.First + halfPlace.Slot];
        if (TForm.Pieces == 1)
        {
            Quad only = arguments.Weights.Codes[outputUnits + halfPlace.First + halfPlace.Slot];
            stage._first = only;
        }
        else
        {
            int piece = Group.IdxX / TensorRows.Outputs;
            Quad first = arguments.Weights.Codes[((outputUnits + low.First) * 2) + low.Slot + (piece * low.Stride)];
            Quad second = arguments.Weights.Codes[((outputUnits + high.First) * 2) + high.Slot + (piece * high.Stride)];
            stage._first = first;
            stage._second = second;
        }
        if (Group.IdxX < 2 * TensorRows.Rows)
        {
            UnitPlace place = Group.IdxX < TensorRows.Rows ? low : high;
            stage._rowScale = arguments.InputScales[rowUnits + place.First + place.Slot];
        }
        return stage;
    }

    /// <summary>Loads a thread's share of a quarter of a super-block.</summary>
    /// <param name="arguments">The kernel's arguments.</param>
    /// <param name="row">The thread's prepared row.</param>
    /// <param name="output">The thread's output among all.</param>
    /// <param name="place">Where the super-block is stored.</param>
    /// <param name="slice">Which quarter.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TensorStage LoadSlice<TForm>(in ProductArguments arguments, int row, int output, UnitPlace place, int slice)
        where TForm : struct, IIntegerForm
    {
        TensorStage stage = default;
        int rowUnit = (row * arguments.Layout.Units) + place.First;
        int outputUnit = (output * arguments.Layout.Units) + place.First;
        int plane = TForm.InputPlane(slice, Group.IdxX / TensorRows.Rows);
        Quad input = arguments.Input[(rowUnit * TForm.Sixteens) + place.Slot + (plane * place.Stride)];
        stage._input = input;
        int at = (outputUnit * TForm.CodePlanes) + place.Slot;
        int piece = Group.IdxX / TensorRows.Outputs;
        Quad first = arguments.Weights.Codes[at + (TForm.Plane(slice, piece) * place.Stride)];
        stage._first = first;
        if (Group.IdxX < TensorRows.Outputs)
        {
            if (TForm.Pieces == 3)
            {
                Quad third = arguments.Weights.Codes[at + (TForm.Plane(slice, 2) * place.Stride)];
                stage._second = third;
            }
            Quad scales = arguments.Weights.Scales[outputUnit + place.Slot];
            stage._extra = scales;
            stage._factors = slice == LastSlice ? LoadFactors<TForm>(arguments.Weights, outputUnit + place.Slot) : 0;
        }
        else if (slice == LastSlice && Group.IdxX < TensorRows.Outputs + TensorRows.Rows)
        {
            stage._rowScale = arguments.InputScales[rowUnit + place.Slot];
            if (TForm.HasMinima)
            {
                Quad sums = arguments.InputSums[rowUnit + place.Slot];
                stage._extra = sums;
            }
        }
        return stage;
    }

    /// <summary>Stores a thread's share of two blocks.</summary>
    /// <param name="tile">Shared memory.</param>
    /// <param name="at">Where the stage begins.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreBlocks<TForm>(ArrayView<Quad> tile, int at)
        where TForm : struct, IIntegerForm
    {
        tile[at + Group.IdxX] = _input;
        tile[at + Weights + Group.IdxX] = _first;
        if (TForm.Pieces == 2)
        {
            tile[at + Weights + TensorRows.Threads + Group.IdxX] = _second;
        }
        ArrayView<int> words = tile.Cast<int>();
        words[((at + Factors) * 4) + Group.IdxX] = KernelMath.Bits(KernelMath.WidenHalf(_factors));
        if (Group.IdxX < 2 * TensorRows.Rows)
        {
            words[((at + RowScales) * 4) + Group.IdxX] = KernelMath.Bits(_rowScale);
        }
    }

    /// <summary>Stores a thread's share of a quarter of a super-block.</summary>
    /// <param name="tile">Shared memory.</param>
    /// <param name="at">Where the stage begins.</param>
    /// <param name="slice">Which quarter.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreSlice<TForm>(ArrayView<Quad> tile, int at, int slice)
        where TForm : struct, IIntegerForm
    {
        tile[at + Group.IdxX] = _input;
        tile[at + Weights + Group.IdxX] = _first;
        ArrayView<int> words = tile.Cast<int>();
        if (Group.IdxX < TensorRows.Outputs)
        {
            if (TForm.Pieces == 3)
            {
                tile[at + Weights + TensorRows.Threads + Group.IdxX] = _second;
            }
            words[((at + Factors) * 4) + Group.IdxX] = Scales<TForm>(_extra, slice);
            if (slice == LastSlice)
            {
                tile[at + OutputFactors + Group.IdxX] = new Quad(
                    KernelMath.Bits(KernelMath.WidenHalf(_factors & 0xFFFF)),
                    KernelMath.Bits(KernelMath.WidenHalf((_factors >> 16) & 0xFFFF)),
                    _extra.Z,
                    _extra.W);
            }
        }
        else if (slice == LastSlice && Group.IdxX < TensorRows.Outputs + TensorRows.Rows)
        {
            words[((at + RowScales) * 4) + Group.IdxX - TensorRows.Outputs] = KernelMath.Bits(_rowScale);
            tile[at + OutputFactors + Group.IdxX] = _extra;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LoadFactors<TForm>(in WeightViews weights, int unit)
        where TForm : struct, IIntegerForm =>
        TForm.HasMinima ? weights.Factors[unit] | (weights.MinimumFactors[unit] << 16) : weights.Factors[unit];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Scales<TForm>(Quad scales, int slice)
        where TForm : struct, IIntegerForm =>
        (TForm.Scale(scales, TForm.InputPlane(slice, 0)) & 255)
        | ((TForm.Scale(scales, TForm.InputPlane(slice, 1)) & 255) << 8)
        | ((TForm.Scale(scales, TForm.InputPlane(slice, 2)) & 255) << 16)
        | (TForm.Scale(scales, TForm.InputPlane(slice, 3)) << 24);
}
