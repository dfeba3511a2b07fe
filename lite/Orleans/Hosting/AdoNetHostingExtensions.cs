using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Membership in a database, which is for several silos: the lite edition has one, and refuses.</summary>
public static class AdoNetHostingExtensions
{
    private const string Refusal = "Membership in a database is not in the lite build; use the full build (-p:Lite=false), or one silo.";

    /// <summary>Refuses.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public static ISiloBuilder UseAdoNetClustering(this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions) =>
        throw new NotSupportedException(Refusal);

    /// <summary>Refuses.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public static IClientBuilder UseAdoNetClustering(this IClientBuilder builder, Action<AdoNetClusteringClientOptions> configureOptions) =>
        throw new NotSupportedException(Refusal);
}
