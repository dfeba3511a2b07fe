namespace ILGPU;

/// <summary>An index or extent.</summary>
public interface IIndex
{
    /// <summary>The product of the coordinates.</summary>
    long Size { get; }
}
