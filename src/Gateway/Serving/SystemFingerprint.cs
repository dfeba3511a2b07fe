using System.Security.Cryptography;
using System.Text;

namespace Winnow.Gateway.Serving;

/// <summary>The <c>system_fingerprint</c> of the API: equal fingerprints, seeds and parameters give equal tokens.</summary>
public static class SystemFingerprint
{
    private const int HexDigits = 12;

    /// <summary>A short name for a set of numerics ids; the number of shards does not change it.</summary>
    public static string Of(IReadOnlyList<string> numerics)
    {
        string joined = string.Join('\n', numerics.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        return "fp_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(joined)))[..HexDigits];
    }
}
