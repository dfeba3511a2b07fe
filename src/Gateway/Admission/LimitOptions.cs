namespace Winnow.Gateway.Admission;

/// <summary>What callers may take of a gateway and how requests may look on the wire; section <c>Limits</c>. What a key's own limits say goes first.</summary>
public sealed class LimitOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Limits";

    /// <summary>Choices that a key may have generated at once; 0 is unlimited. Without keys, of all callers together. Default 0, range 0 to 1000000.</summary>
    public int MaxConcurrentPerKey { get; set; }

    /// <summary>Generating requests a minute of a key; 0 is unlimited. Default 0, range 0 to 1000000000.</summary>
    public int RequestsPerMinutePerKey { get; set; }

    /// <summary>Prompt and generated tokens a minute of a key; 0 is unlimited. Default 0, range 0 to 1000000000.</summary>
    public int TokensPerMinutePerKey { get; set; }

    /// <summary>Most urgent `priority` that a request may ask for; lower is more urgent. Default 0, range -1000000 to 1000000.</summary>
    public int MinPriority { get; set; }

    /// <summary>Requests a minute of one address, with or without a key, `/health` and `/metrics` left out; 0 is unlimited. Raise it behind a proxy, where all come from its address. Default 60000, range 0 to 1000000000.</summary>
    public int RequestsPerMinutePerAddress { get; set; } = 60_000;

    /// <summary>Open connections. Default 10000, range 1 to 1000000.</summary>
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>Open connections of one address. Default 2000, range 1 to 1000000.</summary>
    public int MaxConnectionsPerAddress { get; set; } = 2000;

    /// <summary>Bytes of a request's line and headers together. Default 32768, range 1024 to 1048576.</summary>
    public int MaxHeaderBytes { get; set; } = 32 << 10;

    /// <summary>Headers of a request. Default 64, range 8 to 1000.</summary>
    public int MaxHeaders { get; set; } = 64;

    /// <summary>Seconds in which a request's headers must have come. Default 15, range 1 to 600.</summary>
    public int HeaderSeconds { get; set; } = 15;

    /// <summary>Bytes a second that a request's body must come at and an answer be read at, after five seconds of grace. Default 240, range 1 to 1000000.</summary>
    public int MinBytesPerSecond { get; set; } = 240;
}
