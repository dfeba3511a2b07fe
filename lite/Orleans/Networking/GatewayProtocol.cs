using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Networking;

/// <summary>What both ends of the gateway port must agree on.</summary>
internal static class GatewayProtocol
{
    /// <summary>Version of the messages in the upper byte, of the codec in the lower.</summary>
    internal const uint Version = (1 << 8) | Payload.Version;

    /// <summary>How long a connection may be silent before each end asks whether the other is there, and waits for the answer.</summary>
    internal static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(10);

    /// <summary>Messages around a call's own bytes.</summary>
    internal const int MessageOverheadBytes = 64 * 1024;

    /// <summary>Why a message is not sent.</summary>
    internal static OrleansMessageRejectionException TooLarge(string what, int size, int limit) => new(
        $"{what} has '{size}' bytes; allowed are {limit} (MaxMessageBodySize of both ends). Send less, or raise it.");
}
