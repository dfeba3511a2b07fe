namespace Winnow.Contract.Ilgpu.Tests.Support;

/// <summary>Tests that share the accelerator, one after another.</summary>
[CollectionDefinition(Name)]
public sealed class CpuCollection : ICollectionFixture<CpuFixture>
{
    public const string Name = "cpu";
}
