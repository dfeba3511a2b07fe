namespace ILGPU;

/// <summary>The strides of views with one dimension.</summary>
public static class Stride1D
{
    /// <summary>Elements follow each other without gaps.</summary>
    public readonly struct Dense : IStride1D
    {
        /// <inheritdoc/>
        public Index1D StrideExtent => Index1D.One;
    }
}
