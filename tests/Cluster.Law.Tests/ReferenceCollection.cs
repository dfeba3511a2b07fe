using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests;

/// <summary>Computes the reference once for all classes.</summary>
[CollectionDefinition(Name)]
public sealed class ReferenceCollection : ICollectionFixture<ReferenceFixture>
{
    public const string Name = "reference";
}
