using System.Text.Json;

namespace Winnow.Silo.Storage;

/// <summary>A file of durable state: the value with what is needed to know it whole and current.</summary>
internal sealed record StateRecord
{
    /// <summary>Version of this layout.</summary>
    public const int CurrentFormat = 2;

    /// <summary>Layout version.</summary>
    public required int Format { get; init; }

    /// <summary>The grain it belongs to, for people and against files put in the wrong place.</summary>
    public required string Grain { get; init; }

    /// <summary>Version of the value, raised by every write.</summary>
    public required long Version { get; init; }

    /// <summary>SHA-256 of grain and version, each followed by a line feed, and of the value's JSON text, in hexadecimal.</summary>
    public required string Checksum { get; init; }

    /// <summary>The value.</summary>
    public required JsonElement State { get; init; }
}
