using System.Text.Json;
using System.Text.Json.Serialization;
using Winnow.Hosting;

namespace Winnow.Gateway.Access;

/// <summary>
/// A file of API keys: <c>{"keys":[{"name","sha256","scopes","created","limits"}]}</c>, read by gateways and written by <c>winnow keys</c>.
/// </summary>
public static class ApiKeyFile
{
    /// <summary>Most keys of a file: every request compares with each.</summary>
    public const int MaxKeys = 1000;

    private const int MaxBytes = 1 << 20;

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="InvalidDataException">It is no key file; the message says why, in one line, and holds no hash.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<ApiKey> Read(string path)
    {
        byte[] bytes = ReadBounded(path);
        IReadOnlyList<ApiKey>? keys;
        try
        {
            keys = JsonSerializer.Deserialize(bytes, ApiKeyJson.Default.ApiKeyDocument)?.Keys;
        }
        catch (JsonException error)
        {
            throw Invalid(path, $"is not one: line {error.LineNumber + 1}, at '{error.Path}'; see docs/security.md for its form", error);
        }
        if (keys is null || keys.Count > MaxKeys)
        {
            throw Invalid(path, $"holds '{keys?.Count ?? 0}' keys without a list or beyond the {MaxKeys} that are allowed; see docs/security.md for its form");
        }
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (ApiKey key in keys)
        {
            Check(path, key);
            if (!names.Add(key.Name))
            {
                throw Invalid(path, $"has two keys named '{key.Name}'; names are unique");
            }
        }
        return keys;
    }

    /// <summary>Replaces a file in one move, readable by its owner alone, so that a gateway reads the old keys or the new ones.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<ApiKey> keys) =>
        PrivateFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(new ApiKeyDocument(keys), ApiKeyJson.Default.ApiKeyDocument));

    private static byte[] ReadBounded(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > MaxBytes)
        {
            throw Invalid(path, $"has '{stream.Length}' bytes; at most {MaxBytes} are allowed");
        }
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static void Check(string path, ApiKey key)
    {
        if (!ApiKey.IsName(key.Name))
        {
            throw Invalid(path, $"names a key '{key.Name}'; names are 1 to {ApiKey.MaxNameLength} letters, digits, '.', '_' or '-'");
        }
        if (!ApiKey.IsHash(key.Sha256))
        {
            throw Invalid(path, $"has no SHA-256 of 64 hex digits for key '{key.Name}'; make keys with 'winnow keys add'");
        }
        if (key.Scopes is null || key.Scopes.Count == 0 || key.Scopes.Any(scope => scope is not (ApiScope.Inference or ApiScope.Admin)))
        {
            throw Invalid(path, $"gives key '{key.Name}' no scope or one that is not known; allowed are inference and admin");
        }
        if (key.Limits is { } limits && (limits.MaxConcurrent < 0 || limits.RequestsPerMinute < 0 || limits.TokensPerMinute < 0))
        {
            throw Invalid(path, $"has a limit below 0 for key '{key.Name}'; 0 is unlimited");
        }
    }

    private static InvalidDataException Invalid(string path, string reason, Exception? inner = null) => new($"Key file '{path}' {reason}.", inner);
}

/// <summary>The whole of a key file.</summary>
/// <param name="Keys">Its keys.</param>
internal sealed record ApiKeyDocument([property: JsonRequired] IReadOnlyList<ApiKey> Keys);

/// <summary>How key files are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, WriteIndented = true, MaxDepth = 8,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ApiKeyDocument))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
