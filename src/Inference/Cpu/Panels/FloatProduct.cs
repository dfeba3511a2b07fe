using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>A panel of floats times one to four activation rows; see <see cref="IPanelDot"/> for the arithmetic.</summary>
internal static unsafe class FloatProduct<T, TElements>
    where T : unmanaged, ILanes<T>
    where TElements : struct, IElements
{
    private const int Lanes = WeightMatrix.PanelRows;

    /// <summary>Any number of rows, as many together as registers hold.</summary>
    public static void Run(in Panel panel, in ActivationRows input, int row, int rows, float* totals)
    {
        for (int done = 0; done < rows;)
        {
            int left = rows - done;
            float* x = input.Row(row + done);
            float* result = totals + (done * Lanes);
            if (T.Registers == 1 && left >= 4)
            {
                Four(panel, x, input.Stride, result);
                done += 4;
            }
            else if (T.Registers <= 2 && left >= 2)
            {
                Two(panel, x, input.Stride, result);
                done += 2;
            }
            else
            {
                One(panel, x, result);
                done++;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(in Panel panel, float* x, float* result)
    {
        T even = T.Zero, odd = T.Zero;
        byte* codes = panel.Codes;
        int columns = panel.Blocks * PanelLayout.FloatColumns;
        for (int k = 0; k < columns; k += PanelLayout.FloatColumns)
        {
            even = T.Fma(TElements.Load<T>(codes, 0), T.Broadcast(x[k]), even);
            odd = T.Fma(TElements.Load<T>(codes, Lanes), T.Broadcast(x[k + 1]), odd);
            codes += 2 * Lanes * TElements.Size;
        }
        T.Store(even + odd, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(in Panel panel, float* x, long stride, float* result)
    {
        T even0 = T.Zero, odd0 = T.Zero, even1 = T.Zero, odd1 = T.Zero;
        float* y = x + stride;
        byte* codes = panel.Codes;
        int columns = panel.Blocks * PanelLayout.FloatColumns;
        for (int k = 0; k < columns; k += PanelLayout.FloatColumns)
        {
            T weights = TElements.Load<T>(codes, 0);
            even0 = T.Fma(weights, T.Broadcast(x[k]), even0);
            even1 = T.Fma(weights, T.Broadcast(y[k]), even1);
            weights = TElements.Load<T>(codes, Lanes);
            odd0 = T.Fma(weights, T.Broadcast(x[k + 1]), odd0);
            odd1 = T.Fma(weights, T.Broadcast(y[k + 1]), odd1);
            codes += 2 * Lanes * TElements.Size;
        }
        T.Store(even0 + odd0, result);
        T.Store(even1 + odd1, result + Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(in Panel panel, float* x, long stride, float* result)
    {
        T even0 = T.Zero, odd0 = T.Zero, even1 = T.Zero, odd1 = T.Zero;
        T even2 = T.Zero, odd2 = T.Zero, even3 = T.Zero, odd3 = T.Zero;
        float* y = x + stride;
        float* z = y + stride;
        float* u = z + stride;
        byte* codes = panel.Codes;
        int columns = panel.Blocks * PanelLayout.FloatColumns;
        for (int k = 0; k < columns; k += PanelLayout.FloatColumns)
        {
            T weights = TElements.Load<T>(codes, 0);
            even0 = T.Fma(weights, T.Broadcast(x[k]), even0);
            even1 = T.Fma(weights, T.Broadcast(y[k]), even1);
            even2 = T.Fma(weights, T.Broadcast(z[k]), even2);
            even3 = T.Fma(weights, T.Broadcast(u[k]), even3);
            weights = TElements.Load<T>(codes, Lanes);
            odd0 = T.Fma(weights, T.Broadcast(x[k + 1]), odd0);
            odd1 = T.Fma(weights, T.Broadcast(y[k + 1]), odd1);
            odd2 = T.Fma(weights, T.Broadcast(z[k + 1]), odd2);
            odd3 = T.Fma(weights, T.Broadcast(u[k + 1]), odd3);
            codes += 2 * Lanes * TElements.Size;
        }
        T.Store(even0 + odd0, result);
        T.Store(even1 + odd1, result + Lanes);
        T.Store(even2 + odd2, result + (2 * Lanes));
        T.Store(even3 + odd3, result + (3 * Lanes));
    }
}
