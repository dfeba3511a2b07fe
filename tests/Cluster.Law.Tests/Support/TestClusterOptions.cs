using Winnow.Cli.Links;
using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests.Support;

/// <summary>Which processes a test cluster has and what they serve.</summary>
internal sealed record TestClusterOptions
{
    /// <summary>Models to serve, one per entry: the shipped pair cut into so many shards, named by <see cref="TestCluster.ModelOf"/>.</summary>
    public IReadOnlyList<int> Shards { get; init; } = [1];

    /// <summary>The models' file, a path or a URL.</summary>
    public string ModelPath { get; init; } = LawModel.TargetPath;

    /// <summary>The models' draft model, or <see langword="null"/> for none.</summary>
    public string? DraftPath { get; init; } = LawModel.DraftPath;

    /// <summary>Target workers.</summary>
    public int Targets { get; init; } = 1;

    /// <summary>Devices that the target workers take in turn; empty for the processor.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>The draft worker is the test's own hostile one.</summary>
    public bool IsHostile { get; init; }

    /// <summary>More flags for the silo.</summary>
    public IReadOnlyList<string> Silo { get; init; } = [];

    /// <summary>More flags for the gateway.</summary>
    public IReadOnlyList<string> Gateway { get; init; } = [];

    /// <summary>More flags for every process, by its name.</summary>
    public Func<string, IReadOnlyList<string>> Each { get; init; } = _ => [];

    /// <summary>What the links to the workers are like, or <see langword="null"/> for the machine's own.</summary>
    public LinkOptions? Links { get; init; }
}
