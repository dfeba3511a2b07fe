using Orleans;

namespace Winnow.ContractTests.Grains;

/// <summary>Enum without an attribute, as in the contracts.</summary>
public enum Colour
{
    Red,
    Green = 7,
}

/// <summary>Flags of an unusual width.</summary>
[Flags]
public enum Marks : byte
{
    None = 0,
    First = 1,
    Last = 128,
}

/// <summary>A message as the contracts have them.</summary>
[GenerateSerializer, Immutable, Alias("ContractTests.Letter")]
public sealed record Letter
{
    [Id(0)] public required string Title { get; init; }

    [Id(1)] public string? Note { get; init; }

    [Id(2)] public int Pages { get; init; } = 1;

    [Id(3)] public required IReadOnlyList<Stamp> Stamps { get; init; }

    [Id(4)] public Colour Colour { get; init; }

    [Id(5)] public DateTimeOffset Sent { get; init; }

    [Id(6)] public Letter? Reply { get; init; }
}

[GenerateSerializer, Immutable, Alias("ContractTests.Stamp")]
public sealed record Stamp
{
    [Id(0)] public required double Value { get; init; }

    [Id(1)] public long? Serial { get; init; }
}

/// <summary>Something that changes, with a member that is not sent.</summary>
[GenerateSerializer, Alias("ContractTests.Basket")]
public sealed class Basket
{
    [Id(0)] public List<int> Items { get; set; } = [];

    [Id(1)] public Dictionary<string, int[]> Prices { get; set; } = [];

    [Id(2)] public Basket? Inner { get; set; }

    [Id(3)] public TimeSpan Age { get; set; }

    [Id(4)] public Marks Marks { get; set; }

    [Id(5)] public byte[] Raw { get; set; } = [];

    [Id(6)] public Guid Id { get; set; }

    [Id(7)] public decimal Total { get; set; }

    [Id(8)] public float Weight { get; set; }

    [Id(9)] public char Grade { get; set; } = 'A';

    [Id(10)] public bool? Fragile { get; set; }

    [field: NonSerialized]
    public int NotSent { get; set; }
}

/// <summary>Changes, but is promised not to.</summary>
[GenerateSerializer, Immutable, Alias("ContractTests.Frozen")]
public sealed class Frozen
{
    [Id(0)] public int Value { get; set; }
}

/// <summary>Not marked: it can not be sent.</summary>
public sealed class Unmarked
{
    public int Value { get; set; }
}

/// <summary>An exception that may not be sent: neither the framework's nor marked.</summary>
public sealed class UnmarkedException(string message) : Exception(message);

/// <summary>An exception that may be sent.</summary>
[GenerateSerializer, Alias("ContractTests.MarkedException")]
public sealed class MarkedException : Exception
{
    public MarkedException()
    {
    }

    public MarkedException(string message, int code)
        : base(message) => Code = code;

    [Id(0)] public int Code { get; set; }
}
