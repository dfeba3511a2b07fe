using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>Up to 64 results of one expert, in the order that <see cref="Experts.GroupKernel"/> gave them.</summary>
internal readonly struct ExpertRows : ITileRows
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Count(in ProductArguments arguments) => Tile(arguments).Z;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Matrix(in ProductArguments arguments) => Tile(arguments).X * arguments.Outputs;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Input(in ProductArguments arguments, int one) => Output(arguments, one) / arguments.ResultsPerRow;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Output(in ProductArguments arguments, int one)
    {
        Quad tile = Tile(arguments);
        return arguments.Experts[tile.Y + IntrinsicMath.Min(one, tile.Z - 1)];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quad Tile(in ProductArguments arguments)
    {
        Quad tile = arguments.Tiles[Grid.IdxY];
        return tile;
    }
}
