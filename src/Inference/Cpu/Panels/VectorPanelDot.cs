using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>Panel products in registers of any width.</summary>
/// <typeparam name="V">Register of codes.</typeparam>
/// <typeparam name="T">Float lanes.</typeparam>
internal unsafe struct VectorPanelDot<V, T> : IPanelDot
    where V : unmanaged, IPanelVector<V>
    where T : unmanaged, ILanes<T>
{
    public static bool IsSupported => V.IsSupported;

    public static int RowsTogether(int left) => left >= PanelProducts<VectorPanelDot<V, T>>.RowTile ? PanelProducts<VectorPanelDot<V, T>>.RowTile : 1;

    public static void Blocks<TCodes, TFormat>(in Panel panel, in QuantizedRows input, int row, int rows, float* totals)
        where TCodes : struct, ICodePlanes
        where TFormat : struct, IBlockFormat
    {
        if (rows == 1)
        {
            BlockProduct<V, TCodes, TFormat>.One(panel, input, row, totals);
        }
        else
        {
            BlockProduct<V, TCodes, TFormat>.Four(panel, input, row, totals);
        }
    }

    public static void Floats<TElements>(in Panel panel, in ActivationRows input, int row, int rows, float* totals)
        where TElements : struct, IElements => FloatProduct<T, TElements>.Run(panel, input, row, rows, totals);

    public static void SuperBlocks<TCodes, TFormat>(in Panel panel, in QuantizedRows input, int row, int rows, float* totals)
        where TCodes : struct, ICodePlanes
        where TFormat : struct, ISuperBlockFormat
    {
        if (rows == 1)
        {
            SuperBlockProduct<V, TCodes, TFormat>.One(panel, input, row, totals);
        }
        else
        {
            SuperBlockProduct<V, TCodes, TFormat>.Four(panel, input, row, totals);
        }
    }
}
