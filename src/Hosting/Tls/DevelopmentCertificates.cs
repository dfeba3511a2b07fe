using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Winnow.Hosting.Tls;

/// <summary>
/// Makes an authority and a certificate for each role, all with keys on the curve P-256, for machines of one's own. Whoever has an authority already uses that, and gives its
/// certificates the two uses and names that these have.
/// </summary>
public static class DevelopmentCertificates
{
    /// <summary>File of the authority's certificate.</summary>
    public const string AuthorityFile = "authority.pem";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>Roles that get a certificate.</summary>
    public static IReadOnlyList<string> Roles { get; } = ["silo", "worker", "gateway"];

    /// <summary>Where a role's certificate, its key and the authority lie.</summary>
    public static TlsOptions FilesOf(string directory, string role) => new()
    {
        Certificate = Path.Combine(directory, $"{role}.pem"),
        Key = Path.Combine(directory, KeyFile(role)),
        Authority = Path.Combine(directory, AuthorityFile),
    };

    /// <summary>Writes <c>authority.pem</c>, and for every role <c>ROLE.pem</c>, each with its key beside it; all readable by their owner alone.</summary>
    /// <param name="directory">Where to; made when it is not there.</param>
    /// <param name="hosts">Host names and IP addresses that clients dial, beside the cluster's own name.</param>
    /// <param name="days">Days that all are valid.</param>
    /// <param name="now">From when on.</param>
    /// <param name="overwrite">Whether files that are there may be replaced.</param>
    /// <returns>Paths of the files.</returns>
    /// <exception cref="IOException">A file is there already, or cannot be written.</exception>
    /// <exception cref="ArgumentException">A host is neither a name nor an address.</exception>
    public static IReadOnlyList<string> Write(string directory, IReadOnlyList<string> hosts, int days, DateTimeOffset now, bool overwrite)
    {
        X509Extension names = NamesOf(hosts);
        string[] files = [.. Roles.Prepend("authority").SelectMany(name => (string[])[$"{name}.pem", KeyFile(name)])];
        if (!overwrite && files.FirstOrDefault(file => File.Exists(Path.Combine(directory, file))) is { } there)
        {
            throw new IOException($"'{Path.Combine(directory, there)}' is there already; choose another folder, or pass --force to replace it and all it signed.");
        }
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        (DateTimeOffset from, DateTimeOffset until) = (now - ClockSkew, now.AddDays(days));
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 authority = Authority(authorityKey).CreateSelfSigned(from, until);
        WritePair(directory, "authority", authority, authorityKey);
        foreach (string role in Roles)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using X509Certificate2 certificate = Leaf(role, key, authority, names).Create(authority, from, until, RandomNumberGenerator.GetBytes(16));
            WritePair(directory, role, certificate, key);
        }
        return [.. files.Select(file => Path.Combine(directory, file))];
    }

    private static CertificateRequest Authority(ECDsa key)
    {
        var request = new CertificateRequest("CN=Winnow development authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private static CertificateRequest Leaf(string role, ECDsa key, X509Certificate2 authority, X509Extension names)
    {
        var request = new CertificateRequest($"CN=winnow {role}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(TlsMaterial.ServerUse), new Oid(TlsMaterial.ClientUse)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(names);
        return request;
    }

    private static X509Extension NamesOf(IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(new TlsOptions().PeerName);
        foreach (string host in hosts)
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else if (Uri.CheckHostName(host) == UriHostNameType.Dns)
            {
                names.AddDnsName(host);
            }
            else
            {
                throw new ArgumentException($"Host '{host}' is neither a DNS name nor an IP address; write them as clients dial them, separated by commas.", nameof(hosts));
            }
        }
        return names.Build();
    }

    private static string KeyFile(string name) => $"{name}-key.pem";

    private static void WritePair(string directory, string name, X509Certificate2 certificate, ECDsa key)
    {
        PrivateFile.Replace(Path.Combine(directory, KeyFile(name)), Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        PrivateFile.Replace(Path.Combine(directory, $"{name}.pem"), Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
    }
}
