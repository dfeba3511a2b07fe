namespace ILGPU;

/// <summary>A view of elements of one type without gaps.</summary>
/// <typeparam name="T">The element type.</typeparam>
public interface IContiguousArrayView<T> : IContiguousArrayView
    where T : unmanaged;
