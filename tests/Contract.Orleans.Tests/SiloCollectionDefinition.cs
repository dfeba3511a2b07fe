namespace Winnow.ContractTests;

/// <summary>The tests that share the silo.</summary>
[CollectionDefinition(Name)]
public sealed class SiloCollectionDefinition : ICollectionFixture<SiloFixture>
{
    internal const string Name = "silo";
}
