using System.CommandLine;
using Winnow.Cli.Engine;
using Winnow.Cli.Processes;

namespace Winnow.Cli.Commands;

/// <summary>What <c>run</c> and <c>up</c> serve when nothing else is said: the shipped pair on two shards.</summary>
internal static class ClusterModels
{
    private const int DefaultShards = 2;

    /// <summary>Reads the model flags. A target of one's own is served without a draft unless one is given.</summary>
    public static LocalClusterOptions Read(ModelOptions models, LinkFlags links, ParseResult parsed, bool noDraft)
    {
        EngineOptions engine = models.Read(parsed, inProcess: false, maxSequences: 32);
        bool shippedPair = parsed.GetValue(models.Model) is null && engine.DraftPath is null && !noDraft;
        engine = engine with
        {
            Shards = parsed.GetValue(models.Shards) ?? DefaultShards,
            DraftPath = shippedPair ? ShippedModels.Find(ShippedModels.Draft) : noDraft ? null : engine.DraftPath,
            Links = links.Read(parsed),
        };
        ModelPair.Check(engine);
        return new LocalClusterOptions { Engine = engine };
    }
}
