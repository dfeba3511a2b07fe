namespace ILGPU;

/// <summary>A view of device memory without gaps.</summary>
public interface IContiguousArrayView : IArrayView
{
    /// <summary>The first element's place in the buffer, in elements of the view.</summary>
    long Index { get; }

    /// <summary>The first element's place in the buffer, in bytes.</summary>
    long IndexInBytes { get; }

    /// <summary>The same memory as bytes.</summary>
    /// <returns>The view.</returns>
    ArrayView<byte> AsRawArrayView();
}
