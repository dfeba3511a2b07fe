using System.Net;
using System.Net.Sockets;

namespace Winnow.Gateway.Admission;

/// <summary>What counts as one address.</summary>
internal static class PeerAddress
{
    private const int NetworkBytes = 8;

    /// <summary>An IPv4 address, also where it came as IPv6; of an IPv6 address its network of 64 bits, since whoever has one address of it has all.</summary>
    public static IPAddress Of(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }
        Span<byte> bytes = stackalloc byte[2 * NetworkBytes];
        address.TryWriteBytes(bytes, out _);
        bytes[NetworkBytes..].Clear();
        return new IPAddress(bytes);
    }
}
