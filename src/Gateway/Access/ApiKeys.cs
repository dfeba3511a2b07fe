using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Winnow.Hosting;

namespace Winnow.Gateway.Access;

/// <summary>
/// The gateway's API keys: those of its options, and those of its key file, which is read again when it has changed. A file that has become unreadable leaves the keys as
/// they were, so that a slip of the pen does not lock everybody out; the log says so.
/// </summary>
internal sealed partial class ApiKeys
{
    /// <summary>What a key of the options begins with when it is given by its hash.</summary>
    public const string HashPrefix = "sha256:";

    private readonly Lock _gate = new();
    private readonly ILogger<ApiKeys> _logger;
    private readonly IReadOnlyList<ApiKey> _fixed;
    private readonly string? _file;
    private FileStamp _stamp;
    private volatile ApiKeySet _current;

    /// <summary>Reads all keys.</summary>
    /// <exception cref="StartupException">The key file cannot be read.</exception>
    public ApiKeys(IOptions<GatewayOptions> options, ILogger<ApiKeys> logger)
    {
        _logger = logger;
        _file = string.IsNullOrEmpty(options.Value.KeysFile) ? null : options.Value.KeysFile;
        _fixed = [.. Named(options.Value.ApiKeys, "api-key", ApiScope.Inference), .. Named(options.Value.AdminKeys, "admin-key", ApiScope.Inference, ApiScope.Admin)];
        try
        {
            _stamp = _file is null ? FileStamp.Missing : FileStamp.Of(_file);
            _current = Read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new StartupException($"Gateway:KeysFile cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>The keys as they are now.</summary>
    public ApiKeySet Current
    {
        get
        {
            if (_file is not null && FileStamp.Of(_file) != _stamp)
            {
                Reload();
            }
            return _current;
        }
    }

    // The stamp is taken before the file is read: a change in between is seen the next time.
    private void Reload()
    {
        lock (_gate)
        {
            FileStamp stamp = FileStamp.Of(_file!);
            if (stamp == _stamp)
            {
                return;
            }
            _stamp = stamp;
            try
            {
                _current = Read();
                LogReloaded(_file!, _current.Count);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                LogNotReloaded(_file!, exception.Message);
            }
        }
    }

    // Limits, metrics and streams go by names, so that two keys must not share one.
    private ApiKeySet Read()
    {
        IReadOnlyList<ApiKey> read = _file is null ? [] : ApiKeyFile.Read(_file);
        ApiKey? twice = read.FirstOrDefault(key => _fixed.Any(known => known.Name == key.Name));
        return twice is null
            ? new ApiKeySet([.. _fixed, .. read], isConfigured: _file is not null || _fixed.Count > 0)
            : throw new InvalidDataException($"Key file '{_file}' names a key '{twice.Name}', as a key of the options is named; choose another name.");
    }

    private static IEnumerable<ApiKey> Named(IList<string> secrets, string prefix, params ApiScope[] scopes) => secrets.Select((secret, index) => new ApiKey
    {
        Name = $"{prefix}-{index}",
        Sha256 = secret.StartsWith(HashPrefix, StringComparison.Ordinal) ? secret[HashPrefix.Length..] : ApiKey.HashOf(secret),
        Scopes = scopes,
    });
}
