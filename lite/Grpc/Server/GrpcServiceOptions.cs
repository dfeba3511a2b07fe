namespace Grpc.AspNetCore.Server;

/// <summary>How the server treats calls.</summary>
public class GrpcServiceOptions
{
    private const int DefaultMaxReceiveMessageSize = 4 * 1024 * 1024;

    /// <summary>
    /// The largest response in bytes; a larger one ends its call with <see cref="Core.StatusCode.ResourceExhausted" />. Null, the default,
    /// sets no limit.
    /// </summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>
    /// The largest request in bytes; a larger one ends its call with <see cref="Core.StatusCode.ResourceExhausted" /> before it is read
    /// into memory. Default 4 MiB; null sets no limit.
    /// </summary>
    public int? MaxReceiveMessageSize { get; set; } = DefaultMaxReceiveMessageSize;

    /// <summary>
    /// Whether the text of an exception that a method let go is sent to the client. Default false (also when null): texts may hold secrets.
    /// </summary>
    public bool? EnableDetailedErrors { get; set; }
}
