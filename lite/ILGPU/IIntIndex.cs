namespace ILGPU;

/// <summary>An index or extent of 32-bit coordinates.</summary>
public interface IIntIndex : IIndex
{
    /// <summary>The product of the coordinates.</summary>
    new int Size { get; }
}
