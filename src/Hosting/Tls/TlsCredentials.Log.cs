using Microsoft.Extensions.Logging;

namespace Winnow.Hosting.Tls;

public sealed partial class TlsCredentials
{
    [LoggerMessage(EventId = 1011, Level = LogLevel.Information, Message = "Certificate '{Path}' was {How}; it is valid until {NotAfter:u}")]
    private partial void LogRead(string how, string path, DateTime notAfter);

    [LoggerMessage(EventId = 1012, Level = LogLevel.Warning, Message = "The changed certificate files cannot be used, connections go on with those read before: {Reason}")]
    private partial void LogNotRead(string reason);

    [LoggerMessage(EventId = 1013, Level = LogLevel.Warning, Message = "A TLS connection with '{Peer}' is refused, its certificate is '{Subject}': {Reason}")]
    private partial void LogPeerRefused(string peer, string subject, string reason);
}
