namespace Orleans.Runtime;

/// <summary>State that is read before its grain is activated.</summary>
internal interface IStateReader
{
    /// <summary>Reads the record.</summary>
    Task ReadStateAsync();
}
