using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Products with float and half weights, in place: lane l of an output's accumulator takes inputs l, l + 16, ... in order by fused
/// multiply-add, then the fixed tree; the last, partial step is padded with zeros.
/// </summary>
/// <typeparam name="T">Float lanes.</typeparam>
/// <typeparam name="TWeight">Stored form of the weights.</typeparam>
internal static unsafe class FloatMatMul<T, TWeight>
    where T : unmanaged, ILanes<T>
    where TWeight : struct, IElements
{
    private const int TileRows = 2;
    private const int TileOutputs = 4;

    /// <summary>See <see cref="CpuKernels.MatMul"/>.</summary>
    public static void Run(WeightMatrix weights, in ActivationRows input, int rows, int firstPanel, int endPanel, in OutputRows output)
    {
        int first = firstPanel * WeightMatrix.PanelRows;
        int end = Math.Min(endPanel * WeightMatrix.PanelRows, weights.Rows);
        float* tile = stackalloc float[TileRows * TileOutputs];
        for (int n = first; n < end; n += TileOutputs)
        {
            int outputs = Math.Min(TileOutputs, end - n);
            for (int row = 0; row < rows; row += TileRows)
            {
                int count = Math.Min(TileRows, rows - row);
                if (outputs == TileOutputs)
                {
                    Tile(weights, n, input, row, count, tile);
                }
                else
                {
                    Edge(weights, n, outputs, input, row, count, tile);
                }
                Emit(tile, output, row, count, n, outputs);
            }
        }
    }

    private static void Emit(float* tile, in OutputRows output, int row, int rows, int column, int columns)
    {
        for (int r = 0; r < rows; r++)
        {
            float* destination = output.Row(row + r) + column;
            for (int c = 0; c < columns; c++)
            {
                float value = tile[(r * TileOutputs) + c];
                destination[c] = output.Add ? destination[c] + value : value;
            }
        }
    }

    // Four outputs by one or two rows, eight chains of fused multiply-adds in flight.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(WeightMatrix weights, int n, in ActivationRows input, int row, int rows, float* tile)
    {
        int columns = weights.Columns;
        long rowBytes = (long)columns * TWeight.Size;
        byte* w0 = weights.Data + (n * rowBytes);
        byte* w1 = w0 + rowBytes;
        byte* w2 = w1 + rowBytes;
        byte* w3 = w2 + rowBytes;
        float* x = input.Row(row);
        float* y = rows == TileRows ? input.Row(row + 1) : x;
        T a0 = T.Zero, a1 = T.Zero, a2 = T.Zero, a3 = T.Zero, b0 = T.Zero, b1 = T.Zero, b2 = T.Zero, b3 = T.Zero;
        int whole = columns & ~15;
        for (int k = 0; k < whole; k += 16)
        {
            T vx = T.Load(x + k);
            T vy = T.Load(y + k);
            T v = TWeight.Load<T>(w0, k);
            a0 = T.Fma(v, vx, a0);
            b0 = T.Fma(v, vy, b0);
            v = TWeight.Load<T>(w1, k);
            a1 = T.Fma(v, vx, a1);
            b1 = T.Fma(v, vy, b1);
            v = TWeight.Load<T>(w2, k);
            a2 = T.Fma(v, vx, a2);
            b2 = T.Fma(v, vy, b2);
            v = TWeight.Load<T>(w3, k);
            a3 = T.Fma(v, vx, a3);
            b3 = T.Fma(v, vy, b3);
        }
        if (whole < columns)
        {
            T vx = T.Load(x + whole);
            T vy = T.Load(y + whole);
            T v = Tail(w0, whole, columns);
            a0 = T.Fma(v, vx, a0);
            b0 = T.Fma(v, vy, b0);
            v = Tail(w1, whole, columns);
            a1 = T.Fma(v, vx, a1);
            b1 = T.Fma(v, vy, b1);
            v = Tail(w2, whole, columns);
            a2 = T.Fma(v, vx, a2);
            b2 = T.Fma(v, vy, b2);
            v = Tail(w3, whole, columns);
            a3 = T.Fma(v, vx, a3);
            b3 = T.Fma(v, vy, b3);
        }
        tile[0] = T.Sum(a0);
        tile[1] = T.Sum(a1);
        tile[2] = T.Sum(a2);
        tile[3] = T.Sum(a3);
        tile[4] = T.Sum(b0);
        tile[5] = T.Sum(b1);
        tile[6] = T.Sum(b2);
        tile[7] = T.Sum(b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Edge(WeightMatrix weights, int n, int outputs, in ActivationRows input, int row, int rows, float* tile)
    {
        int columns = weights.Columns;
        int whole = columns & ~15;
        for (int r = 0; r < rows; r++)
        {
            float* x = input.Row(row + r);
            for (int c = 0; c < outputs; c++)
            {
                byte* w = weights.Data + ((long)(n + c) * columns * TWeight.Size);
                T acc = T.Zero;
                for (int k = 0; k < whole; k += 16)
                {
                    acc = T.Fma(TWeight.Load<T>(w, k), T.Load(x + k), acc);
                }
                if (whole < columns)
                {
                    acc = T.Fma(Tail(w, whole, columns), T.Load(x + whole), acc);
                }
                tile[(r * TileOutputs) + c] = T.Sum(acc);
            }
        }
    }

    private static T Tail(byte* row, int from, int columns)
    {
        byte* padded = stackalloc byte[16 * sizeof(float)];
        new Span<byte>(padded, 16 * sizeof(float)).Clear();
        int bytes = (columns - from) * TWeight.Size;
        Buffer.MemoryCopy(row + ((long)from * TWeight.Size), padded, 16 * sizeof(float), bytes);
        return TWeight.Load<T>(padded, 0);
    }
}
