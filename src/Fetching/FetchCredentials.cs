using System.Net.Http.Headers;
using System.Text;
using Winnow.Hosting;

namespace Winnow.Fetching;

/// <summary>Which secret a request carries: that of the server it was meant for, and none when it was redirected to another.</summary>
internal sealed class FetchCredentials(ModelsOptions options, ClusterToken token)
{
    private readonly HashSet<string> _stores = [.. options.StoreAddresses.Select(address => Origin(new Uri(address)))];

    /// <summary>Whether a URL is that of a gateway's model store.</summary>
    public bool IsStore(Uri url) => _stores.Contains(Origin(url)) && url.AbsolutePath.StartsWith(ModelLocation.StorePath, StringComparison.Ordinal);

    /// <summary>The header for a request, or <see langword="null"/>.</summary>
    /// <param name="url">The URL that the operator gave.</param>
    /// <param name="target">Where the request goes: there, or where that redirected.</param>
    public AuthenticationHeaderValue? For(Uri url, Uri target)
    {
        if (Origin(url) != Origin(target))
        {
            return null;
        }
        if (_stores.Contains(Origin(url)))
        {
            return token.Value is { } secret ? new AuthenticationHeaderValue("Bearer", secret) : null;
        }
        if (url.UserInfo.Length > 0)
        {
            return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
        }
        bool isPrivate = url.Scheme == Uri.UriSchemeHttps || url.IsLoopback;
        return isPrivate && !string.IsNullOrEmpty(options.BearerToken) ? new AuthenticationHeaderValue("Bearer", options.BearerToken) : null;
    }

    private static string Origin(Uri url) => url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
}
