using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Products with float and half weights, in place: lane l of an output's accumulator takes inputs l, l + 16, ... in order by fused
/// multiply-add, then the fixed tree; the last, partial step is padded with zeros.
/// </summary>
/// <remarks>
/// Accumulators go through memory before the partial step and the tree, because a call would spill them all in the inner loop.
/// </remarks>
/// <typeparam name="T">Float lanes.</typeparam>
/// <typeparam name="TWeight">Stored form of the weights.</typeparam>
internal static unsafe class FloatMatMul<T, TWeight>
    where T : unmanaged, ILanes<T>
    where TWeight : struct, IElements
{
    private const int MostRows = 4;
    private const int TileOutputs = 4;
    private const int LaneCount = 16;

    /// <summary>See <see cref="CpuKernels.MatMul"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(WeightMatrix weights, in ActivationRows input, int rows, int firstPanel, int endPanel, in OutputRows output)
    {
        int end = Math.Min(endPanel * WeightMatrix.PanelRows, weights.Rows);
        float* lanes = stackalloc float[MostRows * TileOutputs * LaneCount];
        for (int n = firstPanel * WeightMatrix.PanelRows; n < end; n += TileOutputs)
        {
            int outputs = Math.Min(TileOutputs, end - n);
            for (int row = 0; row < rows;)
            {
                int count = outputs < TileOutputs ? 1 : RowsTogether(rows - row);
                if (count == MostRows)
                {
                    Tile4x4(weights, n, input, row, lanes);
                }
                else if (count == 2)
                {
                    Tile2x2(weights, n, input, row, lanes);
                    Tile2x2(weights, n + 2, input, row, lanes + (2 * LaneCount));
                }
                else
                {
                    Tile1(weights, n, outputs, input, row, lanes);
                }
                Finish(weights, n, outputs, input, row, count, lanes, output);
                row += count;
            }
        }
    }

    // As many accumulators as the processor's registers hold: 16, 4 vectors of two registers, or one row of outputs.
    private static int RowsTogether(int left) => T.Registers switch
    {
        1 when left >= MostRows => MostRows,
        <= 2 when left >= 2 => 2,
        _ => 1,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish(
        WeightMatrix weights, int n, int outputs, in ActivationRows input, int row, int rows, float* lanes, in OutputRows output)
    {
        int columns = weights.Columns;
        int whole = columns & ~(LaneCount - 1);
        byte* padded = stackalloc byte[LaneCount * sizeof(float)];
        for (int r = 0; r < rows; r++)
        {
            float* destination = output.Row(row + r) + n;
            for (int c = 0; c < outputs; c++)
            {
                T acc = T.Load(lanes + (((r * TileOutputs) + c) * LaneCount));
                if (whole < columns)
                {
                    new Span<byte>(padded, LaneCount * sizeof(float)).Clear();
                    byte* tail = weights.Data + ((((long)(n + c) * columns) + whole) * TWeight.Size);
                    Buffer.MemoryCopy(tail, padded, LaneCount * sizeof(float), (columns - whole) * TWeight.Size);
                    acc = T.Fma(TWeight.Load<T>(padded, 0), T.Load(input.Row(row + r) + whole), acc);
                }
                float value = T.Sum(acc);
                destination[c] = output.Add ? destination[c] + value : value;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x4(WeightMatrix weights, int n, in ActivationRows input, int row, float* lanes)
    {
        int whole = weights.Columns & ~(LaneCount - 1);
        long rowBytes = (long)weights.Columns * TWeight.Size;
        byte* w0 = weights.Data + (n * rowBytes);
        byte* w1 = w0 + rowBytes;
        byte* w2 = w1 + rowBytes;
        byte* w3 = w2 + rowBytes;
        float* x = input.Row(row);
        float* y = input.Row(row + 1);
        float* z = input.Row(row + 2);
        float* u = input.Row(row + 3);
        T x0 = T.Zero, x1 = T.Zero, x2 = T.Zero, x3 = T.Zero, y0 = T.Zero, y1 = T.Zero, y2 = T.Zero, y3 = T.Zero;
        T z0 = T.Zero, z1 = T.Zero, z2 = T.Zero, z3 = T.Zero, u0 = T.Zero, u1 = T.Zero, u2 = T.Zero, u3 = T.Zero;
        for (int k = 0; k < whole; k += LaneCount)
        {
            T v0 = TWeight.Load<T>(w0, k);
            T v1 = TWeight.Load<T>(w1, k);
            T v2 = TWeight.Load<T>(w2, k);
            T v3 = TWeight.Load<T>(w3, k);
            T i = T.Load(x + k);
            x0 = T.Fma(v0, i, x0);
            x1 = T.Fma(v1, i, x1);
            x2 = T.Fma(v2, i, x2);
            x3 = T.Fma(v3, i, x3);
            i = T.Load(y + k);
            y0 = T.Fma(v0, i, y0);
            y1 = T.Fma(v1, i, y1);
            y2 = T.Fma(v2, i, y2);
            y3 = T.Fma(v3, i, y3);
            i = T.Load(z + k);
            z0 = T.Fma(v0, i, z0);
            z1 = T.Fma(v1, i, z1);
            z2 = T.Fma(v2, i, z2);
            z3 = T.Fma(v3, i, z3);
            i = T.Load(u + k);
            u0 = T.Fma(v0, i, u0);
            u1 = T.Fma(v1, i, u1);
            u2 = T.Fma(v2, i, u2);
            u3 = T.Fma(v3, i, u3);
        }
        Store4(x0, x1, x2, x3, lanes);
        Store4(y0, y1, y2, y3, lanes + (4 * LaneCount));
        Store4(z0, z1, z2, z3, lanes + (8 * LaneCount));
        Store4(u0, u1, u2, u3, lanes + (12 * LaneCount));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile2x2(WeightMatrix weights, int n, in ActivationRows input, int row, float* lanes)
    {
        int whole = weights.Columns & ~(LaneCount - 1);
        long rowBytes = (long)weights.Columns * TWeight.Size;
        byte* w0 = weights.Data + (n * rowBytes);
        byte* w1 = w0 + rowBytes;
        float* x = input.Row(row);
        float* y = input.Row(row + 1);
        T x0 = T.Zero, x1 = T.Zero, y0 = T.Zero, y1 = T.Zero;
        for (int k = 0; k < whole; k += LaneCount)
        {
            T i = T.Load(x + k);
            T j = T.Load(y + k);
            T v = TWeight.Load<T>(w0, k);
            x0 = T.Fma(v, i, x0);
            y0 = T.Fma(v, j, y0);
            v = TWeight.Load<T>(w1, k);
            x1 = T.Fma(v, i, x1);
            y1 = T.Fma(v, j, y1);
        }
        T.Store(x0, lanes);
        T.Store(x1, lanes + LaneCount);
        T.Store(y0, lanes + (TileOutputs * LaneCount));
        T.Store(y1, lanes + ((TileOutputs + 1) * LaneCount));
    }

    // One row and up to four outputs; an output that is not there repeats the last one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile1(WeightMatrix weights, int n, int outputs, in ActivationRows input, int row, float* lanes)
    {
        int whole = weights.Columns & ~(LaneCount - 1);
        long rowBytes = (long)weights.Columns * TWeight.Size;
        byte* w0 = weights.Data + (n * rowBytes);
        byte* w1 = w0 + (Math.Min(1, outputs - 1) * rowBytes);
        byte* w2 = w0 + (Math.Min(2, outputs - 1) * rowBytes);
        byte* w3 = w0 + (Math.Min(3, outputs - 1) * rowBytes);
        float* x = input.Row(row);
        T a = T.Zero, b = T.Zero, c = T.Zero, d = T.Zero;
        for (int k = 0; k < whole; k += LaneCount)
        {
            T i = T.Load(x + k);
            a = T.Fma(TWeight.Load<T>(w0, k), i, a);
            b = T.Fma(TWeight.Load<T>(w1, k), i, b);
            c = T.Fma(TWeight.Load<T>(w2, k), i, c);
            d = T.Fma(TWeight.Load<T>(w3, k), i, d);
        }
        Store4(a, b, c, d, lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store4(T a, T b, T c, T d, float* lanes)
    {
        T.Store(a, lanes);
        T.Store(b, lanes + LaneCount);
        T.Store(c, lanes + (2 * LaneCount));
        T.Store(d, lanes + (3 * LaneCount));
    }
}
