using System.Diagnostics.CodeAnalysis;

namespace ILGPU.Execution;

/// <summary>What views throw; kept out of the views so that their accessors stay small enough to inline.</summary>
internal static class ViewFaults
{
    [DoesNotReturn]
    internal static void OutOfRange(long index, long length, Type element)
        => throw new IndexOutOfRangeException($"Index '{index}' is outside a view of {length} elements of type '{element.Name}'; allowed are 0 to {length - 1}.");

    [DoesNotReturn]
    internal static void SubViewOutOfRange(long index, long subLength, long length)
        => throw new IndexOutOfRangeException($"A range of '{subLength}' elements from '{index}' is outside a view of {length} elements; take a smaller range.");

    [DoesNotReturn]
    internal static void Misaligned(Type element, int alignment)
        => throw new InvalidOperationException($"A view cannot be cast to '{element.Name}' because its start is not a multiple of {alignment} bytes; start it at one.");
}
