namespace Winnow.Cli.Tests.Support;

/// <summary>Tests that start whole clusters run one at a time, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ClusterCollectionDefinition : ICollectionFixture<Models>
{
    public const string Name = "clusters";
}
