using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Prometheus;

namespace Winnow.Hosting.Tls;

/// <summary>
/// The process's side of every TLS connection, as a server and as a client. The files are looked at before each connection and read again when one has changed; connections
/// that are open stay as they are. Files that cannot be used any more leave the certificates as they were, and the log says so.
/// </summary>
public sealed partial class TlsCredentials
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    private static readonly Gauge Expiry = Metrics.CreateGauge(
        HostingMetricNames.CertificateExpiry, "When the process's TLS certificate ends, in seconds since 1970; 0 without one.");

    private readonly Lock _gate = new();
    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<TlsCredentials> _logger;
    private (FileStamp Certificate, FileStamp Key, FileStamp Authority) _stamps;
    private TlsMaterial? _material;

    /// <summary>Takes the options; files are read with the first connection or by <see cref="Check"/>.</summary>
    public TlsCredentials(IOptions<TlsOptions> options, TimeProvider time, ILogger<TlsCredentials> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    /// <summary>Whether there are certificates.</summary>
    public bool IsConfigured => _options.Certificate.Length > 0;

    /// <summary>Reads the files, so that what is wrong with them is told at the start.</summary>
    /// <exception cref="StartupException">They cannot be used, or there are none.</exception>
    public void Check()
    {
        if (!IsConfigured)
        {
            throw new StartupException("An address begins with 'https://' but there is no certificate; set Tls:Certificate, Tls:Key and Tls:Authority.");
        }
        try
        {
            _ = Current();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(exception.Message, exception);
        }
    }

    /// <summary>Makes a listener speak TLS.</summary>
    /// <param name="listener">The listener, its protocols set.</param>
    /// <param name="mutual">Whether clients must be processes of the cluster too.</param>
    internal void Use(ListenOptions listener, bool mutual) => listener.UseHttps(new TlsHandshakeCallbackOptions
    {
        HandshakeTimeout = HandshakeTimeout,
        OnConnection = context => ValueTask.FromResult(ServerOptions(mutual, (context.Connection.RemoteEndPoint as IPEndPoint)?.Address)),
    });

    /// <summary>
    /// Connects for a <see cref="SocketsHttpHandler"/>: with TLS, by both ends' certificates, where the address asks for it. A process that has certificates does not speak
    /// plain text with other machines, whatever address it was told.
    /// </summary>
    /// <exception cref="AuthenticationException">The peer is no process of this cluster, or would be spoken with in plain text.</exception>
    internal async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Uri address = context.InitialRequestMessage.RequestUri!;
        bool encrypted = address.Scheme == Uri.UriSchemeHttps;
        if (encrypted != IsConfigured && (encrypted || !address.IsLoopback))
        {
            throw new AuthenticationException(encrypted
                ? $"'{address.Authority}' asks for TLS and this process has no certificate; set Tls:Certificate, Tls:Key and Tls:Authority."
                : $"'{address.Authority}' would be spoken with in plain text and this process has certificates; give it an https:// address.");
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation).ConfigureAwait(false);
            Stream plain = new NetworkStream(socket, ownsSocket: true);
            if (!encrypted)
            {
                return plain;
            }
            var secured = new SslStream(plain);
            await secured.AuthenticateAsClientAsync(ClientOptions(context.DnsEndPoint.Host), cancellation).ConfigureAwait(false);
            return secured;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private SslServerAuthenticationOptions ServerOptions(bool mutual, IPAddress? from)
    {
        TlsMaterial material = Current();
        var options = new SslServerAuthenticationOptions { ServerCertificateContext = material.Certificate };
        if (mutual)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = material.PolicyFor(TlsMaterial.ClientUse);
            options.RemoteCertificateValidationCallback = (_, certificate, _, errors) => Accepts(certificate, errors, from?.ToString());
        }
        return options;
    }

    private SslClientAuthenticationOptions ClientOptions(string host)
    {
        TlsMaterial material = Current();
        return new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            ClientCertificateContext = material.Certificate,
            CertificateChainPolicy = material.PolicyFor(TlsMaterial.ServerUse),
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => Accepts(certificate, errors, host),
        };
    }

    // Who dials a process knows its address from the cluster, and that may be any; what makes a peer one of the cluster is its authority and the cluster's name.
    private bool Accepts(X509Certificate? certificate, SslPolicyErrors errors, string? peer)
    {
        bool byName = _options.PeerName.Length > 0;
        SslPolicyErrors left = byName ? errors & ~SslPolicyErrors.RemoteCertificateNameMismatch : errors;
        bool named = !byName || (certificate as X509Certificate2)?.MatchesHostname(_options.PeerName, allowWildcards: false, allowCommonName: false) == true;
        if (left == SslPolicyErrors.None && named)
        {
            return true;
        }
        LogPeerRefused(peer ?? "unknown", certificate?.Subject ?? "none", left == SslPolicyErrors.None ? $"it does not carry the name '{_options.PeerName}'" : left.ToString());
        return false;
    }

    private TlsMaterial Current()
    {
        lock (_gate)
        {
            var stamps = (FileStamp.Of(_options.Certificate), FileStamp.Of(_options.Key), FileStamp.Of(_options.Authority));
            if (_material is not null && stamps == _stamps)
            {
                return _material;
            }
            try
            {
                bool again = _material is not null;
                _material = TlsMaterial.Read(_options, _time.GetUtcNow());
                Expiry.Set(new DateTimeOffset(_material.Certificate.TargetCertificate.NotAfter).ToUnixTimeSeconds());
                LogRead(again ? "read again" : "read", _options.Certificate, _material.Certificate.TargetCertificate.NotAfter.ToUniversalTime());
            }
            catch (Exception exception) when (_material is not null && exception is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                LogNotRead(exception.Message);
            }
            _stamps = stamps;
            return _material;
        }
    }
}
