namespace ILGPU;

/// <summary>The stride of a view with one dimension.</summary>
public interface IStride1D
{
    /// <summary>The distance of neighbouring elements, in elements.</summary>
    Index1D StrideExtent { get; }
}
