using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

// purpose    Products of few rows with a matrix: every weight is read once for up to eight rows.
// formula    y[t][n] = (q0 + q1) + (q2 + q3), q = sum of chains, chain = sum of unit(n) . unit(t), in order; see ChainLayout and UnitFactors.
// shapes     weights N x K, prepared rows T x K, y T x N, or N / 2 where gate and up are neighbours.
// layout     weights and rows by unit position, planes of 16 bytes, so that the lanes of two outputs load 256 or 512 neighbouring bytes.
// launch     groups of 128: a lane is one chain of two outputs; 8 (integers) or 4 (floats) pairs a group, more of a share; grid: rows / TRows, outputs.
// cost       2 T N K operations; N K weight bytes + T K row bytes for two outputs; intensity 2 T a byte; no local memory, 10 KiB shared.
// numerics   integers exact, one float32 term a unit (two with minima), 16 or 32 chains; equal to ManyRows bit for bit.
// versions   v1 this: registers for 1, 2, 4 or 8 rows. Times: not measured, no device.

/// <summary>Kernels for few rows; the many-row kernels give the same bits.</summary>
internal static class FewRows
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 128;

    /// <summary>Outputs of a lane.</summary>
    public const int LaneOutputs = 2;

    // Outputs of a group x 8 rows x chains, which are most where a share has 4 chains; a row of chains is one longer than it must be so that banks differ.
    private const int SharedFloats = Threads / 4 * LaneOutputs * 8 * (4 + 1);

    /// <summary>Products of exact integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Integers<TForm, TMath, TRows>(in ProductArguments arguments, int matrix, int inputRow, int outputRow)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
        where TRows : unmanaged, IRowSums<TRows>
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(SharedFloats);
        int chains = arguments.Layout.Chains;
        int chain = Group.IdxX % chains;
        int pair = Group.IdxX / chains;
        int units = arguments.Layout.Units;
        int output = ((Grid.IdxY * (Threads / chains)) + pair) * LaneOutputs;
        int last = arguments.Outputs - 1;
        int first0 = (matrix + IntrinsicMath.Min(output, last)) * units;
        int first1 = (matrix + IntrinsicMath.Min(output + 1, last)) * units;
        TRows sums = default;
        int start = arguments.Layout.Start(chain);
        int steps = arguments.Layout.Start(chain + 1) - start;
        for (int step = 0; step < steps; step++)
        {
            UnitPlace place = arguments.Layout.Place(chain, start, step);
            UnitFactors factors0 = UnitFactors.Load<TForm>(arguments.Weights, first0 + place.First + place.Slot);
            UnitFactors factors1 = UnitFactors.Load<TForm>(arguments.Weights, first1 + place.First + place.Slot);
            int codes0 = ((first0 + place.First) * TForm.CodePlanes) + place.Slot;
            int codes1 = ((first1 + place.First) * TForm.CodePlanes) + place.Slot;
            int input = (((inputRow * units) + place.First) * TForm.Sixteens) + place.Slot;
            for (int slice = 0; slice < TForm.Slices; slice++)
            {
                CodeSlice slice0 = TForm.Load(arguments.Weights.Codes, codes0, place.Stride, slice, factors0.Scales);
                CodeSlice slice1 = TForm.Load(arguments.Weights.Codes, codes1, place.Stride, slice, factors1.Scales);
                sums = TRows.AddSlice<TForm, TMath>(sums, arguments, slice0, slice1, slice, input, place.Stride, units * TForm.Sixteens);
            }
            sums = TRows.EndUnit<TForm, TMath>(sums, arguments, factors0, factors1, (inputRow * units) + place.First + place.Slot, units);
        }
        TRows.Store(sums, shared, (pair * 2 * TRows.Rows * (chains + 1)) + chain, chains + 1);
        Group.Barrier();
        Finish<TRows>(arguments, shared, ChainLayout.IntegerChains / ChainLayout.Quarters, matrix, outputRow);
    }

    /// <summary>Products of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Floats<TForm, TMath, TRows>(in ProductArguments arguments, int matrix, int inputRow, int outputRow)
        where TForm : struct, IFloatForm
        where TMath : struct, IDeviceMath
        where TRows : unmanaged, IRowSums<TRows>
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(SharedFloats);
        int chains = arguments.Layout.Chains;
        int chain = Group.IdxX % chains;
        int pair = Group.IdxX / chains;
        int units = arguments.Layout.Units;
        int output = ((Grid.IdxY * (Threads / chains)) + pair) * LaneOutputs;
        int last = arguments.Outputs - 1;
        int first0 = (matrix + IntrinsicMath.Min(output, last)) * units;
        int first1 = (matrix + IntrinsicMath.Min(output + 1, last)) * units;
        TRows sums = default;
        int start = arguments.Layout.Start(chain);
        int steps = arguments.Layout.Start(chain + 1) - start;
        for (int step = 0; step < steps; step++)
        {
            UnitPlace place = arguments.Layout.Place(chain, start, step);
            FloatUnit unit0 = TForm.Load(arguments.Weights.Codes, ((first0 + place.First) * TForm.Planes) + place.Slot, place.Stride);
            FloatUnit unit1 = TForm.Load(arguments.Weights.Codes, ((first1 + place.First) * TForm.Planes) + place.Slot, place.Stride);
            int input = (((inputRow * units) + place.First) * FloatForm.Planes) + place.Slot;
            sums = TRows.AddFloats<TMath>(sums, arguments, unit0, unit1, input, place.Stride, units * FloatForm.Planes);
        }
        TRows.Store(sums, shared, (pair * 2 * TRows.Rows * (chains + 1)) + chain, chains + 1);
        Group.Barrier();
        Finish<TRows>(arguments, shared, ChainLayout.FloatChains / ChainLayout.Quarters, matrix, outputRow);
    }

    // One thread adds the chains of one row's two outputs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TRows>(in ProductArguments arguments, ArrayView<float> shared, int quarter, int matrix, int outputRow)
        where TRows : unmanaged, IRowSums<TRows>
    {
        int chains = arguments.Layout.Chains;
        int pairs = Threads / chains;
        for (int i = Group.IdxX; i < pairs * TRows.Rows; i += Threads)
        {
            int row = outputRow + (i % TRows.Rows);
            int output = ((Grid.IdxY * pairs) + (i / TRows.Rows)) * LaneOutputs;
            int at = i * 2 * (chains + 1);
            float first = Fold(shared, at, chains, quarter);
            float second = Fold(shared, at + chains + 1, chains, quarter);
            if (row < arguments.Rows)
            {
                ProductOutput.StorePair(arguments, matrix, row, output, first, second);
            }
        }
    }

    /// <summary>The sum of all chains: one quarter, the sum of two, or (q0 + q1) + (q2 + q3).</summary>
    /// <param name="shared">Chains, one after the other.</param>
    /// <param name="at">The first.</param>
    /// <param name="chains">Chains.</param>
    /// <param name="quarter">Chains of a quarter.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fold(ArrayView<float> shared, int at, int chains, int quarter)
    {
        float total = 0f;
        for (int chain = 0; chain < chains; chain += 2 * quarter)
        {
            float pair = Quarter(shared, at + chain, quarter);
            if (chain + quarter < chains)
            {
                pair += Quarter(shared, at + chain + quarter, quarter);
            }
            total += pair;
        }
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Quarter(ArrayView<float> shared, int at, int chains)
    {
        float sum = 0f;
        for (int chain = 0; chain < chains; chain++)
        {
            sum += shared[at + chain];
        }
        return sum;
    }
}
