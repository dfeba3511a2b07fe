using System.Globalization;
using Microsoft.Extensions.Options;

namespace Winnow.Hosting;

/// <summary>Collects every failure of an options class, worded the same way, so that all are reported at once.</summary>
/// <param name="section">Configuration section of the options.</param>
public sealed class OptionChecks(string section)
{
    private readonly List<string> _failures = [];

    /// <summary>Adds a failure of its own wording.</summary>
    /// <param name="message">One sentence that ends with a period.</param>
    public void Fail(string message) => _failures.Add(message);

    /// <summary>The value lies between two bounds, both inclusive.</summary>
    public void InRange<T>(string option, T value, T minimum, T maximum) where T : IComparable<T>, IFormattable
    {
        if (value.CompareTo(minimum) < 0 || value.CompareTo(maximum) > 0)
        {
            CultureInfo culture = CultureInfo.InvariantCulture;
            Fail(string.Create(culture, $"{section}:{option} '{value}' is out of range; allowed are {minimum} to {maximum}."));
        }
    }

    /// <summary>The value is not empty.</summary>
    public void NotEmpty(string option, string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            Fail($"{section}:{option} '{value}' is empty; give it a value.");
        }
    }

    /// <summary>The value is one of a few.</summary>
    public void OneOf(string option, string value, params string[] allowed)
    {
        if (!allowed.Contains(value, StringComparer.OrdinalIgnoreCase))
        {
            Fail($"{section}:{option} '{value}' is not known; allowed are {string.Join(", ", allowed)}.");
        }
    }

    /// <summary>The value is a listen address, and one that may be used: loopback, or guarded by a secret, or allowed by <c>--insecure</c>.</summary>
    /// <param name="option">Option name.</param>
    /// <param name="value">Address, for example <c>http://127.0.0.1:0</c>.</param>
    /// <param name="secret">Secret that guards the address; empty when there is none.</param>
    /// <param name="insecure">Whether the operator accepts an unguarded address.</param>
    /// <param name="secretOption">Full option name of the secret, for the message.</param>
    public void Listen(string option, string value, string? secret, bool insecure, string secretOption)
    {
        if (Address(option, value) is { IsLoopback: false } && string.IsNullOrEmpty(secret) && !insecure)
        {
            Fail($"{section}:{option} '{value}' is reachable from other machines and nothing guards it; set {secretOption}, "
                + "or pass --insecure to accept that.");
        }
    }

    /// <summary>
    /// The value is a listen address for gRPC between processes, and one that may be used: loopback, or with TLS, which lets processes of the cluster in and nobody else, or
    /// allowed by <c>--insecure</c>.
    /// </summary>
    /// <param name="option">Option name.</param>
    /// <param name="value">Address, for example <c>https://0.0.0.0:7010</c>.</param>
    /// <param name="insecure">Whether the operator accepts plain text between machines.</param>
    public void ListenGrpc(string option, string value, bool insecure)
    {
        if (Address(option, value) is { IsLoopback: false, IsEncrypted: false } && !insecure)
        {
            Fail($"{section}:{option} '{value}' speaks plain text with other machines; write https:// and set Tls:Certificate, Tls:Key and Tls:Authority, "
                + "or pass --insecure to accept that.");
        }
    }

    /// <summary>The value is the http address of another process.</summary>
    public void HttpAddress(string option, string value)
    {
        bool valid = Uri.TryCreate(value, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.Port > 0;
        if (!valid)
        {
            Fail($"{section}:{option} '{value}' is not an address; write http://HOST:PORT or https://HOST:PORT.");
        }
    }

    private ListenAddress? Address(string option, string value)
    {
        if (!ListenAddress.TryParse(value, out ListenAddress? address))
        {
            Fail($"{section}:{option} '{value}' is not a listen address; write http://ADDRESS:PORT or https://ADDRESS:PORT with an IP address, 'localhost' or '*', "
                + "and a port of 0 to 65535.");
        }
        return address;
    }

    /// <summary>The outcome for the options framework.</summary>
    public ValidateOptionsResult ToResult() =>
        _failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_failures);
}
