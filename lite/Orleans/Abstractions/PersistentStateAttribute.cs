namespace Orleans.Runtime;

/// <summary>Names an <see cref="IPersistentState{TState}"/> constructor parameter and the storage it lives in.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute : Attribute
{
    /// <summary>Sets the names.</summary>
    /// <param name="stateName">The state's name, part of its address in the storage.</param>
    /// <param name="storageName">The storage's registered name, or <see langword="null"/> for the default one.</param>
    public PersistentStateAttribute(string stateName, string? storageName = null)
    {
        ArgumentNullException.ThrowIfNull(stateName);
        StateName = stateName;
        StorageName = storageName;
    }

    /// <summary>The state's name.</summary>
    public string StateName { get; }

    /// <summary>The storage's name, or <see langword="null"/> for the default one.</summary>
    public string? StorageName { get; }
}
