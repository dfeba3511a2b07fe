using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Winnow.Hosting;

/// <summary>An address to listen on, <c>http://ADDRESS:PORT</c>, or <c>https://</c> with TLS; port 0 takes a free one.</summary>
/// <param name="Ip">Local address.</param>
/// <param name="Port">Port, 0 for a free one.</param>
/// <param name="IsEncrypted">Whether it speaks TLS.</param>
public sealed record ListenAddress(IPAddress Ip, int Port, bool IsEncrypted = false)
{
    private const string Plain = "http://";
    private const string Encrypted = "https://";

    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Ip);

    /// <summary>Reads <c>http://127.0.0.1:0</c>, <c>http://localhost:80</c>, <c>https://*:80</c> or <c>http://[::1]:80</c>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;
        bool encrypted = text?.StartsWith(Encrypted, StringComparison.OrdinalIgnoreCase) == true;
        if (text is null || !(encrypted || text.StartsWith(Plain, StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }
        string rest = text[(encrypted ? Encrypted : Plain).Length..].TrimEnd('/');
        int colon = rest.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > IPEndPoint.MaxPort)
        {
            return false;
        }
        if (ParseHost(rest[..colon]) is not { } ip)
        {
            return false;
        }
        address = new ListenAddress(ip, port, encrypted);
        return true;
    }

    private static IPAddress? ParseHost(string host) => host switch
    {
        "localhost" => IPAddress.Loopback,
        "*" or "+" => IPAddress.Any,
        ['[', .., ']'] => IPAddress.TryParse(host, out IPAddress? six) ? six : null,
        _ => IPAddress.TryParse(host, out IPAddress? four) && !host.Contains(':', StringComparison.Ordinal) ? four : null,
    };

    /// <summary>The address as it is written in options.</summary>
    public override string ToString() => (IsEncrypted ? Encrypted : Plain) + new IPEndPoint(Ip, Port);
}
