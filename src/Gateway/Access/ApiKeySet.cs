using System.Security.Cryptography;
using System.Text;

namespace Winnow.Gateway.Access;

/// <summary>The keys that a gateway knows at one time.</summary>
internal sealed class ApiKeySet
{
    private readonly (byte[] Hash, ApiKey Key)[] _keys;

    /// <summary>Holds keys.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="isConfigured">Whether keys are asked for; an empty file asks for keys that nobody has.</param>
    public ApiKeySet(IEnumerable<ApiKey> keys, bool isConfigured)
    {
        _keys = [.. keys.Select(key => (Convert.FromHexString(key.Sha256), key))];
        IsConfigured = isConfigured;
    }

    /// <summary>Whether keys are asked for.</summary>
    public bool IsConfigured { get; }

    /// <summary>Keys by their number.</summary>
    public int Count => _keys.Length;

    /// <summary>The key with this secret, or <see langword="null"/>. Compares with every key, whichever matches, in the same time.</summary>
    public ApiKey? Find(string secret)
    {
        byte[] given = SHA256.HashData(Encoding.UTF8.GetBytes(secret));
        ApiKey? found = null;
        foreach ((byte[] hash, ApiKey key) in _keys)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, given) ? key : found;
        }
        return found;
    }
}
