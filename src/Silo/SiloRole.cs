using Winnow.Hosting;

namespace Winnow.Silo;

/// <summary>The silo as an executable: its name, section and flags.</summary>
public static class SiloRole
{
    /// <summary>Name, section and flags of the silo.</summary>
    public static ProcessRole Definition { get; } = new()
    {
        Name = "silo",
        Section = SiloOptions.Section,
        Description = "Winnow silo: the cluster's control plane. Workers register here, gateways find their models here.",
        Flags =
        [
            new("--listen", "Silo:Listen", "ADDRESS", "gRPC address for workers, default http://127.0.0.1:7010"),
            new("--http-listen", "Silo:HttpListen", "ADDRESS", "address of health and metrics, default http://127.0.0.1:7011"),
            new("--orleans-port", "Silo:OrleansSiloPort", "PORT", "Orleans port between silos, default 11111, 0 for a free one"),
            new("--orleans-gateway-port", "Silo:OrleansGatewayPort", "PORT", "Orleans port for gateways, default 30000, 0 for a free one"),
            new("--data", "Silo:DataDirectory", "DIR", "directory of durable state, default data/silo"),
            new("--token", "Silo:ClusterToken", "TOKEN", "secret of the cluster; better given as WINNOW_Silo__ClusterToken"),
            new("--insecure", "Silo:Insecure", null, "allow an address that others can reach without a token"),
            new("--model-name", "Silo:Models:0:Name", "NAME", "name of a model to serve"),
            new("--model", "Silo:Models:0:ModelPath", "FILE", "its GGUF file or Hugging Face folder, or a URL"),
            new("--draft", "Silo:Models:0:DraftPath", "FILE", "GGUF file or Hugging Face folder of its draft model"),
            new("--head", "Silo:Models:0:HeadPath", "FILE", "GGUF file of its trained head"),
            new("--stop-head", "Silo:Models:0:StopHeadPath", "FILE", "GGUF file of its draft model's stop head"),
            new("--exit", "Silo:Models:0:ExitPath", "FILE", "GGUF file of its early exit"),
            new("--shards", "Silo:Models:0:Shards", "N", "pipeline shards to cut it into, default 1"),
        ],
    };
}
