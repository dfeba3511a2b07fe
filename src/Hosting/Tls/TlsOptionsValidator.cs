using Microsoft.Extensions.Options;

namespace Winnow.Hosting.Tls;

/// <summary>Checks <see cref="TlsOptions"/> at start and reports every failure at once.</summary>
internal sealed class TlsOptionsValidator : IValidateOptions<TlsOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, TlsOptions options)
    {
        OptionChecks checks = new(TlsOptions.Section);
        (string Option, string Path)[] files =
            [(nameof(options.Certificate), options.Certificate), (nameof(options.Key), options.Key), (nameof(options.Authority), options.Authority)];
        string[] missing = [.. files.Where(file => file.Path.Length == 0).Select(file => $"Tls:{file.Option}")];
        if (missing.Length is > 0 and < 3)
        {
            checks.Fail($"{string.Join(" and ", missing)} is not set but the rest of the three is; set Tls:Certificate, Tls:Key and Tls:Authority, or none of them.");
        }
        foreach ((string option, string path) in files)
        {
            if (path.Length > 0 && !File.Exists(path))
            {
                checks.Fail($"Tls:{option} '{path}' does not exist; give the path of a PEM file, for example of 'winnow certs'.");
            }
        }
        if (options.PeerName.Length > 0 && Uri.CheckHostName(options.PeerName) != UriHostNameType.Dns)
        {
            checks.Fail($"Tls:PeerName '{options.PeerName}' is not a DNS name; write one that every certificate of the cluster carries, for example winnow.cluster.");
        }
        return checks.ToResult();
    }
}
