using Orleans;

namespace Winnow.ContractTests.Grains;

public interface IStateGrain : IGrainWithStringKey
{
    Task<StateView> View();

    Task Write(string text);

    Task Set(string text);

    Task Read();

    Task Clear();

    Task End();
}

[GenerateSerializer, Immutable, Alias("ContractTests.StateView")]
public sealed record StateView
{
    [Id(0)] public required string Text { get; init; }

    [Id(1)] public required int Writes { get; init; }

    [Id(2)] public required bool Exists { get; init; }

    [Id(3)] public required bool HasVersion { get; init; }

    [Id(4)] public required int Activation { get; init; }
}

[GenerateSerializer, Alias("ContractTests.TextState")]
public sealed record TextState
{
    [Id(0)] public string Text { get; set; } = "unset";

    [Id(1)] public int Writes { get; set; }
}
