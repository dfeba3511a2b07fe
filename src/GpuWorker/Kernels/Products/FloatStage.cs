using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>
/// What a thread of <see cref="TensorFloats"/> has loaded of the next stage while the group computes this one: of one chain eight floats of a row, and
/// eight weights of two outputs; zeros past the chain's end.
/// </summary>
internal struct FloatStage
{
    private const int Chains = TensorFewFloats.GroupChains;

    private FloatUnit _input;
    private float _inverse;
    private Quad _first;
    private Quad _second;

    /// <summary>Loads a thread's share.</summary>
    /// <param name="arguments">The kernel's arguments.</param>
    /// <param name="row">The thread's prepared row.</param>
    /// <param name="first">The thread's first output among all.</param>
    /// <param name="second">Its second.</param>
    /// <param name="group">Which chains; past the last there is nothing.</param>
    /// <param name="step">Which of their units.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatStage Load(in ProductArguments arguments, int row, int first, int second, int group, int step)
    {
        FloatStage stage = default;
        int units = arguments.Layout.Units;
        int chain = (group * Chains) + (Group.IdxX % Chains);
        int start = arguments.Layout.Start(chain);
        if (chain < arguments.Layout.Chains && step < arguments.Layout.Start(chain + 1) - start)
        {
            UnitPlace place = arguments.Layout.Place(chain, start, step);
            stage._input = FloatForm.Load(arguments.Input, (((row * units) + place.First) * FloatForm.Planes) + place.Slot, place.Stride);
            Quad a = arguments.Weights.Codes[(first * units) + place.First + place.Slot];
            Quad b = arguments.Weights.Codes[(second * units) + place.First + place.Slot];
            stage._inverse = 1f / arguments.InputScales[(row * ChainLayout.Quarters) + (group / TensorFewFloats.Quarter)];
            stage._first = a;
            stage._second = b;
        }
        return stage;
    }

    /// <summary>Splits and stores a thread's share.</summary>
    /// <param name="tile">Shared memory.</param>
    /// <param name="at">Where the stage begins.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TForm>(ArrayView<Quad> tile, int at)
        where TForm : struct, ITensorFloatForm
    {
        const int partQuads = TensorRows.Rows * Chains;
        SplitUnit unit = SplitUnit.Of<TForm>(_input, _inverse);
        tile[at + Group.IdxX] = unit.First;
        tile[at + partQuads + Group.IdxX] = unit.Second;
        if (TForm.Parts == 3)
        {
            tile[at + (2 * partQuads) + Group.IdxX] = unit.Third;
        }
        int weights = at + (TForm.Parts * partQuads) + Group.IdxX;
        tile[weights] = _first;
        tile[weights + TensorRows.Threads] = _second;
    }
}
