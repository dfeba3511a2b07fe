namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>The rows of a tile: which matrix they are multiplied with, where they are read, and where their results go.</summary>
internal interface ITileRows
{
    /// <summary>Rows of the group's tile; 0 or less for none.</summary>
    static abstract int Count(in ProductArguments arguments);

    /// <summary>First output of the tile's matrix among all outputs.</summary>
    static abstract int Matrix(in ProductArguments arguments);

    /// <summary>The prepared row of a tile's row, also of one past the count.</summary>
    static abstract int Input(in ProductArguments arguments, int one);

    /// <summary>The result row of a tile's row.</summary>
    static abstract int Output(in ProductArguments arguments, int one);
}
