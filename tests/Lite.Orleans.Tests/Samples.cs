using Orleans;

namespace Winnow.LiteTests;

public enum Suit
{
    Clubs,
    Spades = -3,
}

[GenerateSerializer]
public sealed record Point
{
    [Id(0)] public required int X { get; init; }

    [Id(1)] public long Y { get; init; } = 5;

    [Id(2)] public Point? Next { get; init; }
}

/// <summary><see cref="Point"/> as a later version has it: one member more, one less.</summary>
[GenerateSerializer]
public sealed record LaterPoint
{
    [Id(1)] public long Y { get; init; } = 5;

    [Id(2)] public LaterPoint? Next { get; init; }

    [Id(9)] public IReadOnlyDictionary<string, List<double?>>? Extra { get; init; }

    [Id(10)] public string Tag { get; init; } = "untagged";
}

[GenerateSerializer]
public struct Pair
{
    [Id(0)] public int Left;

    [Id(1)] public string? Right;
}

[GenerateSerializer]
public sealed class Ring
{
    [Id(0)] public Ring? Next { get; set; }
}

[GenerateSerializer]
public sealed class Twice
{
    [Id(1)] public int First { get; set; }

    [Id(1)] public int Second { get; set; }
}

[GenerateSerializer]
public sealed class Unnumbered
{
    public int Value { get; set; }
}

[GenerateSerializer]
public sealed record Positional(int Value);
