namespace Orleans.Configuration;

/// <summary>Membership of a silo in a database; not in the lite edition.</summary>
public class AdoNetClusteringSiloOptions
{
    /// <summary>Connection string.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Name of the database's .NET provider.</summary>
    public string? Invariant { get; set; }
}

/// <summary>Where a client finds silos by their membership in a database; not in the lite edition.</summary>
public class AdoNetClusteringClientOptions
{
    /// <summary>Connection string.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Name of the database's .NET provider.</summary>
    public string? Invariant { get; set; }
}

/// <summary>Grain state in a database; not in the lite edition.</summary>
public class AdoNetGrainStorageOptions
{
    /// <summary>Connection string.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Name of the database's .NET provider.</summary>
    public string? Invariant { get; set; }

    /// <summary>Whether clearing a state deletes its row.</summary>
    public bool DeleteStateOnClear { get; set; }
}
