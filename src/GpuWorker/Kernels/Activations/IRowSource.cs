namespace Winnow.GpuWorker.Kernels.Activations;

/// <summary>Where the rows to prepare come from.</summary>
internal interface IRowSource
{
    /// <summary>A number of the row that needs all of it; called by all threads of the row's group.</summary>
    static abstract float Begin(in PrepareArguments arguments, int row);

    /// <summary>Four neighbouring elements; what lies past the row is not used.</summary>
    /// <param name="arguments">The kernel's arguments.</param>
    /// <param name="row">Row.</param>
    /// <param name="quad">Which four.</param>
    /// <param name="factor">What <see cref="Begin"/> gave.</param>
    static abstract FloatQuad Read(in PrepareArguments arguments, int row, int quad, float factor);
}
