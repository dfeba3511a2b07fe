using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

// purpose    Products of few rows with a matrix of halves or brain floats by tensor cores: every weight is read once for up to 16 rows.
// formula    y[t][n] = (q0 + q1) + (q2 + q3), q = two groups, a group = four chains side by side, 32 inputs a step, by parts; see SplitUnit.
// shapes     weights N x K, prepared rows T x K, y T x N, or N / 2 where gate and up are neighbours.
// layout     weights and rows by unit position, planes of 16 bytes: of one output the four chains of a group are 64 neighbouring bytes.
// launch     groups of 256: a warp is a group of chains, a thread has a chain of two outputs and of two rows; grid: rows / 16, outputs / 16.
// cost       2 T N K operations, 2 or 3 times on tensor cores; N K weights once; intensity 16 a byte; no local memory, 9 KiB shared.
// numerics   parts of floats exact (brain floats) or to 2^-22 (halves); sums as mma.sync makes them; equal to TensorFloats bit for bit.
// versions   v3 of few rows: mma.sync; v2 was FewRows. Times: not measured, no device.

/// <summary>Kernels for few rows of floats on tensor cores; <see cref="TensorFloats"/> gives the same bits.</summary>
internal static class TensorFewFloats
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 256;

    /// <summary>Rows of a group.</summary>
    public const int Rows = 16;

    /// <summary>Outputs of a group.</summary>
    public const int Outputs = 16;

    /// <summary>Chains that are added side by side.</summary>
    public const int GroupChains = 4;

    /// <summary>Groups of chains of a quarter.</summary>
    public const int Quarter = ChainLayout.FloatChains / ChainLayout.Quarters / GroupChains;

    private const int Half = 8;

    // The groups of one sum lie side by side, one place more than they need so that banks differ.
    private const int Stride = (ChainLayout.FloatChains / GroupChains) + 1;

    /// <summary>Products of floats.</summary>
    /// <param name="arguments">The kernel's arguments.</param>
    /// <param name="matrix">First output of the matrix among all outputs: not 0 for experts.</param>
    /// <param name="inputRow">First prepared row.</param>
    /// <param name="outputRow">First result row.</param>
    /// <param name="count">Rows; more than 16 are those of other groups.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TForm>(in ProductArguments arguments, int matrix, int inputRow, int outputRow, int count)
        where TForm : struct, ITensorFloatForm
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(Rows * Outputs * Stride);
        int g = Group.IdxX % 32 / 4;
        int chain = (Group.IdxX / 32 * GroupChains) + (Group.IdxX % 4);
        int units = arguments.Layout.Units;
        bool isThere = chain < arguments.Layout.Chains; // of all of the warp, or of none
        int start = arguments.Layout.Start(chain);
        int own = isThere ? arguments.Layout.Start(chain + 1) - start : 0;
        int steps = isThere ? arguments.Layout.Steps : 0;
        int output = Grid.IdxY * Outputs;
        int first = (matrix + IntrinsicMath.Min(output + g, arguments.Outputs - 1)) * units;
        int second = (matrix + IntrinsicMath.Min(output + Half + g, arguments.Outputs - 1)) * units;
        int low = inputRow + IntrinsicMath.Min(g, count - 1);
        int high = inputRow + IntrinsicMath.Min(g + Half, count - 1);
        int quarter = chain / (GroupChains * Quarter) % ChainLayout.Quarters;
        float lowScale = arguments.InputScales[(low * ChainLayout.Quarters) + quarter];
        float highScale = arguments.InputScales[(high * ChainLayout.Quarters) + quarter];
        FloatQuad firstSums = default;
        FloatQuad secondSums = default;
        for (int step = 0; step < steps; step++)
        {
            Quad firstWeights = default;
            Quad secondWeights = default;
            SplitUnit lowInputs = default;
            SplitUnit highInputs = default;
            if (step < own)
            {
                UnitPlace place = arguments.Layout.Place(chain, start, step);
                Quad a = arguments.Weights.Codes[first + place.First + place.Slot];
                Quad b = arguments.Weights.Codes[second + place.First + place.Slot];
                firstWeights = a;
                secondWeights = b;
                lowInputs = Load<TForm>(arguments, place, low * units, 1f / lowScale, g < count);
                highInputs = Load<TForm>(arguments, place, high * units, 1f / highScale, g + Half < count);
            }
            firstSums = SplitUnit.Add<TForm>(firstSums, lowInputs, highInputs, firstWeights);
            secondSums = SplitUnit.Add<TForm>(secondSums, lowInputs, highInputs, secondWeights);
        }
        Share(shared, SplitUnit.End<TForm>(firstSums, lowScale, highScale), 0);
        Share(shared, SplitUnit.End<TForm>(secondSums, lowScale, highScale), Half);
        Group.Barrier();
        Finish(arguments, shared, matrix, outputRow, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SplitUnit Load<TForm>(in ProductArguments arguments, UnitPlace place, int row, float inverse, bool isThere)
        where TForm : struct, ITensorFloatForm
    {
        if (!isThere)
        {
            return default;
        }
        FloatUnit unit = FloatForm.Load(arguments.Input, ((row + place.First) * FloatForm.Planes) + place.Slot, place.Stride);
        return SplitUnit.Of<TForm>(unit, inverse);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Share(ArrayView<float> shared, FloatQuad sums, int output)
    {
        int at = (((Group.IdxX % 32 / 4 * Outputs) + output + (Group.IdxX % 4 * 2)) * Stride) + (Group.IdxX / 32);
        shared[at] = sums.X;
        shared[at + Stride] = sums.Y;
        shared[at + (Half * Outputs * Stride)] = sums.Z;
        shared[at + (((Half * Outputs) + 1) * Stride)] = sums.W;
    }

    // One thread adds the groups of one row's two outputs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(in ProductArguments arguments, ArrayView<float> shared, int matrix, int outputRow, int count)
    {
        int row = Group.IdxX / (Outputs / 2);
        if (row < IntrinsicMath.Min(count, Rows))
        {
            int output = Group.IdxX % (Outputs / 2) * 2;
            int at = ((row * Outputs) + output) * Stride;
            int groups = arguments.Layout.Chains / GroupChains;
            float even = FewRows.Fold(shared, at, groups, Quarter);
            float odd = FewRows.Fold(shared, at + Stride, groups, Quarter);
            ProductOutput.StorePair(arguments, matrix, outputRow + row, (Grid.IdxY * Outputs) + output, even, odd);
        }
    }
}
