using System.Net;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using Winnow.Contracts;
using Winnow.Hosting;
using Winnow.Silo.Storage;

namespace Winnow.Silo;

/// <summary>Chooses by options where silos find each other and where grains keep their state.</summary>
internal static class SiloCluster
{
    /// <summary>One silo, known to itself.</summary>
    internal const string Single = "single";

    /// <summary>Files of one silo.</summary>
    internal const string Files = "file";

    private const int MissedProbes = 3;

    /// <summary>Configures Orleans.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="ports">Its ports.</param>
    /// <param name="options">Options that are not validated yet; what is wrong in them is reported at start, with everything else.</param>
    /// <exception cref="StartupException">The build has no such provider.</exception>
    public static void Configure(ISiloBuilder silo, SiloPorts ports, SiloOptions options)
    {
        try
        {
            AddClustering(silo, ports, options);
            AddStorage(silo, options);
        }
        catch (NotSupportedException exception)
        {
            throw new StartupException(
                $"Silo:Clustering '{options.Clustering}' with Silo:Storage '{options.Storage}' needs the full build: {exception.Message}", exception);
        }
    }

    private static void AddClustering(ISiloBuilder silo, SiloPorts ports, SiloOptions options)
    {
        IPAddress address = IPAddress.TryParse(options.OrleansAddress, out IPAddress? given) ? given : IPAddress.Loopback;
        if (options.Clustering == DatabaseConnection.PostgreSql)
        {
            silo.UseAdoNetClustering(database => (database.Invariant, database.ConnectionString) = (DatabaseConnection.PostgreSqlProvider, Connection(options)));
            silo.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (WinnowCluster.ServiceId, WinnowCluster.ClusterId));
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                membership.NumMissedProbesLimit = MissedProbes;
                membership.ProbeTimeout = TimeSpan.FromMilliseconds((double)options.DeadAfterMs / MissedProbes);
            });
        }
        else
        {
            silo.UseLocalhostClustering(ports.Silo, ports.Gateway, new IPEndPoint(address, ports.Silo), WinnowCluster.ServiceId, WinnowCluster.ClusterId);
        }
        silo.Configure<EndpointOptions>(endpoint =>
            (endpoint.AdvertisedIPAddress, endpoint.SiloPort, endpoint.GatewayPort) = (address, ports.Silo, ports.Gateway));
    }

    private static void AddStorage(ISiloBuilder silo, SiloOptions options)
    {
        if (options.Storage == DatabaseConnection.PostgreSql)
        {
            silo.AddAdoNetGrainStorageAsDefault(database =>
            {
                (database.Invariant, database.ConnectionString) = (DatabaseConnection.PostgreSqlProvider, Connection(options));
                database.DeleteStateOnClear = true;
            });
            silo.Services.AddSingleton<PostgresState>().AddSingleton<IStateIndex>(services => services.GetRequiredService<PostgresState>());
            return;
        }
        silo.Services.AddSingleton<IDurableFiles, DurableFiles>();
        silo.Services.AddGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, (services, _) => new FileGrainStorage(
            options.DataDirectory, services.GetRequiredService<IDurableFiles>()));
        silo.Services.AddSingleton(services => (IStateIndex)services.GetRequiredKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME));
    }

    private static string Connection(SiloOptions options) => DatabaseConnection.Read(options.ConnectionString, options.ConnectionStringFile);
}
