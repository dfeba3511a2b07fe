using Winnow.Hosting;

namespace Winnow.Gateway;

/// <summary>The gateway as an executable.</summary>
public static class GatewayRole
{
    /// <summary>Name, section and flags.</summary>
    public static ProcessRole Definition { get; } = new()
    {
        Name = "gateway",
        Section = GatewayOptions.Section,
        Description = "Winnow gateway: the OpenAI-compatible HTTP API and the batching coordinator.",
        Flags =
        [
            new CommandFlag("--listen", "Gateway:Listen", "ADDRESS", "HTTP address, for example http://127.0.0.1:8080; port 0 takes a free one"),
            new CommandFlag("--grpc-listen", "Gateway:GrpcListen", "ADDRESS", "gRPC address for other gateways, for example http://127.0.0.1:0"),
            new CommandFlag("--api-key", "Gateway:ApiKeys:0", "KEY", "key that clients must send; a key is needed off loopback"),
            new CommandFlag("--keys", "Gateway:KeysFile", "FILE", "file of keys made by 'winnow keys', read again when it changes"),
            new CommandFlag("--silo", "Gateway:SiloGateways:0", "ADDRESS:PORT", "Orleans gateway endpoint of the silo"),
            new CommandFlag("--token", "Replica:ClusterToken", "TOKEN", "secret of the cluster; better given as WINNOW_Replica__ClusterToken"),
            new CommandFlag("--insecure", "Gateway:Insecure", null, "accept clients without a key on any address"),
        ],
    };
}
