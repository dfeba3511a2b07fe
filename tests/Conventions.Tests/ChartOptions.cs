namespace Winnow.Conventions.Tests;

/// <summary>Which options the chart in <c>helm/winnow</c> sets itself, and which it takes under <c>config</c>.</summary>
internal static class ChartOptions
{
    /// <summary>What the chart sets, from values of its own.</summary>
    public static readonly IReadOnlySet<string> OfTheChart = new HashSet<string>
    {
        "Gateway:Listen", "Gateway:GrpcListen", "Gateway:AdminKeys", "Gateway:KeysFile", "Gateway:Insecure", "Gateway:SiloGateways", "Gateway:Clustering", "Gateway:ConnectionStringFile",
        "Gateway:ModelStore", "Gateway:DrainSeconds", "Coordinator:ModelDrafters", "Replica:GatewayAddress", "Replica:ClusterToken",
        "Worker:WorkerId", "Worker:Listen", "Worker:HttpListen", "Worker:AdvertisedAddress", "Worker:SiloAddresses", "Worker:Role", "Worker:Device", "Worker:KvType", "Worker:ClusterToken",
        "Worker:Insecure", "Worker:DrainSeconds",
        "Silo:Listen", "Silo:HttpListen", "Silo:Clustering", "Silo:Storage", "Silo:ConnectionStringFile", "Silo:OrleansAddress", "Silo:OrleansSiloPort", "Silo:OrleansGatewayPort",
        "Silo:DataDirectory", "Silo:ClusterToken", "Silo:Insecure", "Silo:Models",
        "Tls:Certificate", "Tls:Key", "Tls:Authority", "Tls:PeerName",
        "Models:CacheDirectory", "Models:CacheBytes", "Models:StoreAddresses", "Models:BearerToken",
        "Process:ShutdownSeconds",
    };

    // What has no meaning in a pod, or names that both ends must have in common and no chart has a reason to change.
    private static readonly HashSet<string> NotForPods =
    [
        "Gateway:ApiKeys", "Gateway:ConnectionString", "Gateway:ClusterId", "Gateway:ServiceId", "Silo:ConnectionString", "Replica:GatewayId",
        "Process:ConfigFile", "Process:ReadyJson", "Process:ExitOnStdinClose", "Process:ParentPid",
    ];

    /// <summary>What it takes under <c>config</c>: every other option. Those of a model are keys of the chart's models.</summary>
    public static IReadOnlyList<(string Key, Type Type)> OfConfig { get; } =
    [
        .. OptionCatalog.All.Where(option => !OfTheChart.Contains(option.Key) && !NotForPods.Contains(option.Key) && !option.Key.StartsWith("Silo:Models:", StringComparison.Ordinal))
            .Select(option => (option.Key, option.Type)),
    ];
}
