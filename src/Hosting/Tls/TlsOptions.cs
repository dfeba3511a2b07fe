namespace Winnow.Hosting.Tls;

/// <summary>
/// Certificates of a process; section <c>Tls</c>, the same for every role. An address that begins with <c>https://</c> uses them: gRPC between processes asks both ends
/// for a certificate, the HTTP endpoints show the process's own. All three files together, or none.
/// </summary>
public sealed class TlsOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Tls";

    /// <summary>PEM file of the process's certificate, followed by intermediate ones if there are any. Read again when it changes. Default none.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>PEM file of its private key, not encrypted. Default none.</summary>
    public string Key { get; set; } = "";

    /// <summary>PEM file of the authorities that the certificates of all processes come from; several while one replaces another. Default none.</summary>
    public string Authority { get; set; } = "";

    /// <summary>
    /// DNS name that the certificate of every process of the cluster carries beside its own, and that both ends look for. Empty: clients look for the host they dial, and
    /// servers take every certificate of the authorities. Default <c>winnow.cluster</c>.
    /// </summary>
    public string PeerName { get; set; } = "winnow.cluster";
}
