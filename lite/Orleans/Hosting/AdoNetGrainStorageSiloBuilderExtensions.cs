using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Grain state in a database, which the lite edition does not have.</summary>
public static class AdoNetGrainStorageSiloBuilderExtensions
{
    /// <summary>Refuses.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public static ISiloBuilder AddAdoNetGrainStorageAsDefault(this ISiloBuilder builder, Action<AdoNetGrainStorageOptions> configureOptions) =>
        throw new NotSupportedException("Grain state in a database is not in the lite build; use the full build (-p:Lite=false), or files.");
}
