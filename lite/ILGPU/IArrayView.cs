using ILGPU.Runtime;

namespace ILGPU;

/// <summary>A view of device memory.</summary>
public interface IArrayView
{
    /// <summary>The buffer that the view points into.</summary>
    MemoryBuffer Buffer { get; }

    /// <summary>Whether the view points at memory.</summary>
    bool IsValid { get; }

    /// <summary>The number of elements.</summary>
    long Length { get; }

    /// <summary>The size of an element in bytes.</summary>
    int ElementSize { get; }

    /// <summary>The number of bytes.</summary>
    long LengthInBytes { get; }
}
