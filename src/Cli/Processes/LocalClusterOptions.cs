using Winnow.Cli.Engine;

namespace Winnow.Cli.Processes;

/// <summary>What a local cluster serves and how.</summary>
internal sealed record LocalClusterOptions
{
    /// <summary>Models, shards and threads.</summary>
    public required EngineOptions Engine { get; init; }

    /// <summary>Port of the HTTP API, of the first gateway when there are several; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Whether the processes speak TLS with each other.</summary>
    public bool UsesTls { get; init; }

    /// <summary>Folder of certificates made by <c>winnow certs</c>; <see langword="null"/> for new ones.</summary>
    public string? CertificateDirectory { get; init; }

    /// <summary>File of API keys that clients must send, or <see langword="null"/>.</summary>
    public string? KeysFile { get; init; }

    /// <summary>Gateways; any of them serves, and another takes over when one dies.</summary>
    public int Gateways { get; init; } = 1;

    /// <summary>Gets the log lines of the processes, or <see langword="null"/> to drop them.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>Time until everything must be ready.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(120);
}
