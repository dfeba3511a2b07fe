using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Winnow.Hosting.Tls;

/// <summary>What the files of <see cref="TlsOptions"/> held at one time, checked against each other.</summary>
/// <param name="Certificate">The process's certificate with its key and intermediate certificates.</param>
/// <param name="Authorities">Whose certificates are trusted.</param>
internal sealed record TlsMaterial(SslStreamCertificateContext Certificate, X509Certificate2Collection Authorities)
{
    /// <summary>Identifier of the use as a server (id-kp-serverAuth, RFC 5280).</summary>
    public const string ServerUse = "1.3.6.1.5.5.7.3.1";

    /// <summary>Identifier of the use as a client (id-kp-clientAuth, RFC 5280).</summary>
    public const string ClientUse = "1.3.6.1.5.5.7.3.2";

    /// <summary>Reads the three files.</summary>
    /// <exception cref="InvalidDataException">One is no PEM file, or they do not fit each other; the message says which, in one line.</exception>
    public static TlsMaterial Read(TlsOptions options, DateTimeOffset now)
    {
        X509Certificate2Collection chain = ReadCertificates(nameof(options.Certificate), options.Certificate);
        X509Certificate2Collection authorities = ReadCertificates(nameof(options.Authority), options.Authority);
        X509Certificate2 own = WithKey(options);
        var material = new TlsMaterial(SslStreamCertificateContext.Create(own, [.. chain.Skip(1)], offline: true), authorities);
        material.CheckOwn(options, own, [.. chain.Skip(1)], now);
        return material;
    }

    /// <summary>How a peer's certificate is judged: it must come from the authorities, be valid now, and be meant for this use.</summary>
    /// <param name="use"><see cref="ServerUse"/> or <see cref="ClientUse"/>.</param>
    public X509ChainPolicy PolicyFor(string use)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(Authorities);
        policy.ApplicationPolicy.Add(new Oid(use));
        return policy;
    }

    // What a peer would refuse is told here, where it can be mended.
    private void CheckOwn(TlsOptions options, X509Certificate2 own, X509Certificate2[] intermediates, DateTimeOffset now)
    {
        foreach (string use in (string[])[ServerUse, ClientUse])
        {
            using var chain = new X509Chain { ChainPolicy = PolicyFor(use) };
            chain.ChainPolicy.ExtraStore.AddRange(intermediates);
            chain.ChainPolicy.VerificationTime = now.LocalDateTime;
            if (!chain.Build(own))
            {
                string reasons = string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct());
                throw new InvalidDataException($"Tls:Certificate '{options.Certificate}' would be refused by peers with Tls:Authority '{options.Authority}': {reasons}.");
            }
        }
        if (options.PeerName.Length > 0 && !own.MatchesHostname(options.PeerName, allowWildcards: false, allowCommonName: false))
        {
            throw new InvalidDataException($"Tls:Certificate '{options.Certificate}' does not carry the DNS name '{options.PeerName}' that Tls:PeerName asks of every process.");
        }
    }

    private static X509Certificate2Collection ReadCertificates(string option, string path)
    {
        X509Certificate2Collection certificates = [];
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException($"Tls:{option} '{path}' is not a PEM file of certificates: {exception.Message}", exception);
        }
        return certificates.Count > 0 ? certificates : throw new InvalidDataException($"Tls:{option} '{path}' holds no certificate.");
    }

    private static X509Certificate2 WithKey(TlsOptions options)
    {
        try
        {
            X509Certificate2 own = X509Certificate2.CreateFromPemFile(options.Certificate, options.Key);
            // Windows cannot use keys that are in no store.
            return OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null) : own;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // The reader's own texts may speak of the key; nothing of a key belongs into a log.
            throw new InvalidDataException($"Tls:Key '{options.Key}' is not the private key of Tls:Certificate '{options.Certificate}', or one that needs a password.", exception);
        }
    }
}
