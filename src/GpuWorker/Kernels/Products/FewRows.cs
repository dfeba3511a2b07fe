using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

// purpose    Products of few rows with a matrix: every weight is read once for up to eight rows.
// formula    y[t][n] = sum over chains of (sum over the chain's units of unit(n) . unit(t)), in order; see ChainLayout and UnitFactors.
// shapes     weights N x K, prepared rows T x K, y T x N, or N / 2 where gate and up are neighbours.
// layout     weights and rows by unit position, planes of 16 bytes, so that the lanes of two outputs load 256 or 512 neighbouring bytes.
// launch     groups of 128: a lane is one chain of two outputs; 8 (integers) or 4 (floats) pairs a group; grid: rows / TRows, then outputs.
// cost       2 T N K operations; N K weight bytes + T K row bytes for two outputs; intensity 2 T a byte; no local memory, 8.5 KiB shared.
// numerics   integers exact, one float32 term a unit (two with minima), 16 or 32 chains; equal to ManyRows bit for bit.
// versions   v1 this: registers for 1, 2, 4 or 8 rows. Times: not measured, no device.

/// <summary>Kernels for few rows; the many-row kernels give the same bits.</summary>
internal static class FewRows
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 128;

    /// <summary>Outputs of a lane.</summary>
    public const int LaneOutputs = 2;

    // 16 outputs of 8 rows with 16 chains, or 8 with 32, each row of chains one longer than it must be so that banks differ.
    private const int SharedFloats = 16 * 8 * 17;

    /// <summary>Products of exact integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Integers<TForm, TMath, TRows>(in ProductArguments arguments, int matrix, int inputRow, int outputRow)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
        where TRows : unmanaged, IRowSums<TRows>
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(SharedFloats);
        int chain = Group.IdxX % ChainLayout.MostIntegerChains;
        int pair = Group.IdxX / ChainLayout.MostIntegerChains;
        int units = arguments.Steps * arguments.Chains;
        int output = ((Grid.IdxY * (Threads / ChainLayout.MostIntegerChains)) + pair) * LaneOutputs;
        int last = arguments.Outputs - 1;
        int first0 = (matrix + IntrinsicMath.Min(output, last)) * units;
        int first1 = (matrix + IntrinsicMath.Min(output + 1, last)) * units;
        TRows sums = default;
        for (int step = 0; chain < arguments.Chains && step < arguments.Steps; step++)
        {
            int place = step * arguments.Chains;
            UnitFactors factors0 = UnitFactors.Load<TForm>(arguments.Weights, first0 + place + chain);
            UnitFactors factors1 = UnitFactors.Load<TForm>(arguments.Weights, first1 + place + chain);
            int codes0 = ((first0 + place) * TForm.CodePlanes) + chain;
            int codes1 = ((first1 + place) * TForm.CodePlanes) + chain;
            int input = (((inputRow * units) + place) * TForm.Sixteens) + chain;
            for (int slice = 0; slice < TForm.Slices; slice++)
            {
                CodeSlice slice0 = TForm.Load(arguments.Weights.Codes, codes0, arguments.Chains, slice, factors0.Scales);
                CodeSlice slice1 = TForm.Load(arguments.Weights.Codes, codes1, arguments.Chains, slice, factors1.Scales);
                sums = TRows.AddSlice<TForm, TMath>(sums, arguments, slice0, slice1, slice, input, units * TForm.Sixteens);
            }
            sums = TRows.EndUnit<TForm, TMath>(sums, arguments, factors0, factors1, (inputRow * units) + place + chain, units);
        }
        TRows.Store(sums, shared, (pair * 2 * TRows.Rows * (ChainLayout.MostIntegerChains + 1)) + chain, ChainLayout.MostIntegerChains + 1);
        Group.Barrier();
        Finish<TRows>(arguments, shared, ChainLayout.MostIntegerChains, matrix, outputRow);
    }

    /// <summary>Products of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Floats<TForm, TMath, TRows>(in ProductArguments arguments, int matrix, int inputRow, int outputRow)
        where TForm : struct, IFloatForm
        where TMath : struct, IDeviceMath
        where TRows : unmanaged, IRowSums<TRows>
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(SharedFloats);
        int chain = Group.IdxX % ChainLayout.MostFloatChains;
        int pair = Group.IdxX / ChainLayout.MostFloatChains;
        int units = arguments.Steps * arguments.Chains;
        int output = ((Grid.IdxY * (Threads / ChainLayout.MostFloatChains)) + pair) * LaneOutputs;
        int last = arguments.Outputs - 1;
        int first0 = (matrix + IntrinsicMath.Min(output, last)) * units;
        int first1 = (matrix + IntrinsicMath.Min(output + 1, last)) * units;
        TRows sums = default;
        for (int step = 0; chain < arguments.Chains && step < arguments.Steps; step++)
        {
            int place = step * arguments.Chains;
            FloatUnit unit0 = TForm.Load(arguments.Weights.Codes, ((first0 + place) * TForm.Planes) + chain, arguments.Chains);
            FloatUnit unit1 = TForm.Load(arguments.Weights.Codes, ((first1 + place) * TForm.Planes) + chain, arguments.Chains);
            int input = (((inputRow * units) + place) * FloatForm.Planes) + chain;
            sums = TRows.AddFloats<TMath>(sums, arguments, unit0, unit1, input, units * FloatForm.Planes);
        }
        TRows.Store(sums, shared, (pair * 2 * TRows.Rows * (ChainLayout.MostFloatChains + 1)) + chain, ChainLayout.MostFloatChains + 1);
        Group.Barrier();
        Finish<TRows>(arguments, shared, ChainLayout.MostFloatChains, matrix, outputRow);
    }

    // One thread adds the chains of one row's two outputs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TRows>(in ProductArguments arguments, ArrayView<float> shared, int mostChains, int matrix, int outputRow)
        where TRows : unmanaged, IRowSums<TRows>
    {
        int pairs = Threads / mostChains;
        for (int i = Group.IdxX; i < pairs * TRows.Rows; i += Threads)
        {
            int row = outputRow + (i % TRows.Rows);
            int output = ((Grid.IdxY * pairs) + (i / TRows.Rows)) * LaneOutputs;
            int at = i * 2 * (mostChains + 1);
            float first = 0f;
            float second = 0f;
            for (int chain = 0; chain < arguments.Chains; chain++)
            {
                first += shared[at + chain];
                second += shared[at + mostChains + 1 + chain];
            }
            if (row < arguments.Rows)
            {
                ProductOutput.StorePair(arguments, matrix, row, output, first, second);
            }
        }
    }
}
