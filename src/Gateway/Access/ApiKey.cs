using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Winnow.Gateway.Access;

/// <summary>
/// An API key as it is kept: its name and the SHA-256 of its secret, never the secret. A plain hash is enough because secrets are drawn from 256 random bits: there is
/// nothing to guess that a slow hash or a salt would make slower, and every request can afford it.
/// </summary>
public sealed record ApiKey
{
    /// <summary>Longest name in characters.</summary>
    public const int MaxNameLength = 64;

    private const string SecretPrefix = "winnow-";
    private const int SecretBytes = 32;

    /// <summary>Name in logs, metrics and commands.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the secret's UTF-8 bytes, as 64 hex digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>What it may be used for.</summary>
    public required IReadOnlyList<ApiScope> Scopes { get; init; }

    /// <summary>When it was made, if that is known.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>What it may take; <see langword="null"/> for what section <c>Limits</c> says.</summary>
    public ApiKeyLimits? Limits { get; init; }

    /// <summary>Draws a secret of 256 bits: <c>winnow-</c> and 43 characters that need no escapes anywhere.</summary>
    public static string DrawSecret() => SecretPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The hash of a secret, as <see cref="Sha256"/> has it.</summary>
    public static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Whether a text is a hash as <see cref="Sha256"/> has it.</summary>
    public static bool IsHash(string? text) => text?.Length == SHA256.HashSizeInBytes * 2 && text.All(char.IsAsciiHexDigit);

    /// <summary>Whether a text can name a key: 1 to 64 letters, digits, '.', '_' and '-' of ASCII.</summary>
    public static bool IsName(string? text) => text?.Length is > 0 and <= MaxNameLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
