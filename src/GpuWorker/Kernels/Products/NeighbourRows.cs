using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>64 neighbouring rows, and one matrix for all.</summary>
internal readonly struct NeighbourRows : ITileRows
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Count(in ProductArguments arguments) => arguments.Rows - (Grid.IdxY * ManyRows.Tile);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Matrix(in ProductArguments arguments) => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Input(in ProductArguments arguments, int one) => (Grid.IdxY * ManyRows.Tile) + one;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Output(in ProductArguments arguments, int one) => (Grid.IdxY * ManyRows.Tile) + one;
}
