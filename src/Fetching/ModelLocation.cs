using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Winnow.Fetching;

/// <summary>
/// Where a model is on servers: one or several URLs of the same bytes, separated by spaces, of a GGUF file, of any part of a split one, or of a folder in
/// Hugging Face's form. <c>#sha256=HEX</c> after the last one names the file's checksum. <c>gateway://NAME</c> is a file in the gateways' model store.
/// </summary>
public sealed partial class ModelLocation
{
    /// <summary>Path under which a gateway serves its model store's files.</summary>
    public const string StorePath = "/models/files/";

    private const string StoreScheme = "gateway";
    private const string ChecksumPrefix = "#sha256=";
    private const string Extension = ".gguf";
    private const int MaxMirrors = 16;
    private const int MaxNameLength = 200;
    private const int MaxParts = 999;
    private static readonly string[] AnyStore = ["http://store"];

    private ModelLocation(IReadOnlyList<Uri> mirrors, string key, string name, string? sha256)
    {
        Mirrors = mirrors;
        Key = key;
        FileName = name;
        Sha256 = sha256;
    }

    /// <summary>The URLs, of which every one has the same bytes. They may hold credentials.</summary>
    public IReadOnlyList<Uri> Mirrors { get; }

    /// <summary>Name of the file, or of the folder.</summary>
    public string FileName { get; }

    /// <summary>SHA-256 of the file in lower-case hex, if it was given.</summary>
    public string? Sha256 { get; }

    /// <summary>Whether it is a folder of several files, of which the URLs are the beginning.</summary>
    public bool IsFolder => !FileName.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>What the cache knows the location by: the URLs as they may be shown.</summary>
    internal string Key { get; }

    /// <summary>The URL as it may be shown: without credentials.</summary>
    public string Display => Show(Mirrors[0]);

    /// <summary>Whether a model's path is a URL.</summary>
    public static bool IsRemote(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith(StoreScheme + "://", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The name of a model whose path is local or a URL: that of its file without the extension.</summary>
    public static string ModelName(string path) => !IsRemote(path) || !TryParse(path, AnyStore, out ModelLocation? location, out _) ? Path.GetFileNameWithoutExtension(path)
        : location.IsFolder ? location.FileName
        : Path.GetFileNameWithoutExtension(location.FileName);

    /// <summary>A model's path as every process sees it: URLs as they are, others absolute.</summary>
    public static string Absolute(string path) => IsRemote(path) ? path.Trim() : Path.GetFullPath(path);

    /// <summary>A model's path or URL as it may be shown.</summary>
    public static string Shown(string path) => IsRemote(path) && TryParse(path, AnyStore, out ModelLocation? location, out _) ? location.Key : path;

    /// <summary>What is wrong with a URL, whatever gateways have a store: one sentence without a period; <see langword="null"/> when nothing is.</summary>
    public static string? ProblemOf(string text) => TryParse(text, AnyStore, out _, out string? problem) ? null : problem;

    /// <summary>A URL without user, password and the values of its query, which are credentials where it is signed.</summary>
    public static string Show(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return url.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped)
            + (url.Query.Length > 1 ? "?..." : "");
    }

    /// <summary>Reads a location.</summary>
    /// <param name="text">What was given as a model's path.</param>
    /// <param name="stores">Addresses of gateways with a model store.</param>
    /// <param name="location">The location.</param>
    /// <param name="problem">Why there is none: one sentence without a period, and without credentials.</param>
    public static bool TryParse(
        string text, IEnumerable<string> stores, [NotNullWhen(true)] out ModelLocation? location, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        (location, string? sha256) = (null, null);
        int hash = text.IndexOf('#', StringComparison.Ordinal);
        if (hash >= 0)
        {
            sha256 = text[hash..].Trim().ToLowerInvariant();
            if (!Checksum().IsMatch(sha256))
            {
                problem = $"it has '{sha256}' after the URL; write {ChecksumPrefix} and 64 hex digits, or nothing";
                return false;
            }
            (text, sha256) = (text[..hash], sha256[ChecksumPrefix.Length..]);
        }
        List<Uri> mirrors = [];
        List<string> keys = [];
        foreach (string part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int before = mirrors.Count;
            if (!Add(part, stores, mirrors, out problem))
            {
                return false;
            }
            keys.Add(mirrors.Count == before + 1 && mirrors[before].OriginalString == part ? Show(mirrors[before]) : part);
        }
        string[] names = [.. mirrors.Select(NameOf).Distinct(StringComparer.Ordinal)];
        problem = mirrors.Count is 0 or > MaxMirrors ? $"it has {mirrors.Count} URLs; give 1 to {MaxMirrors}"
            : names.Length > 1 ? $"its URLs end in different names, '{names[0]}' and '{names[1]}'; mirrors have the same file"
            : !IsPlain(names[0]) ? $"'{Show(mirrors[0])}' does not end in the name of a file or a folder; give the URL of one"
            : null;
        location = problem is null ? new ModelLocation(mirrors, string.Join(' ', keys), names[0], sha256) : null;
        if (problem is null && sha256 is not null && (location!.IsFolder || location.Parts().Count > 1))
        {
            (location, problem) = (null, "a checksum is that of one file, and this model has several; leave it away and put NAME.sha256 beside each");
        }
        return problem is null;
    }

    /// <summary>Whether a name may be that of a file in the cache: no folder, nothing hidden, nothing that a terminal would obey.</summary>
    public static bool IsPlain(string name) =>
        name?.Length is > 0 and <= MaxNameLength && PlainName().IsMatch(name);

    /// <summary>The names of the model's files: its own, or those of all parts of a split set. Not of a folder, whose files have to be looked up.</summary>
    internal IReadOnlyList<string> Parts()
    {
        Match split = SplitName().Match(FileName);
        int count = split.Success ? int.Parse(split.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : 1;
        return count is < 2 or > MaxParts
            ? [FileName]
            : [.. Enumerable.Range(1, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{split.Groups[1].Value}-{number:D5}-of-{count:D5}{Extension}"))];
    }

    /// <summary>The URLs of one of the model's files.</summary>
    internal IReadOnlyList<Uri> UrlsOf(string name) => IsFolder
        ? [.. Mirrors.Select(mirror => new Uri(WithSlash(mirror), Uri.EscapeDataString(name)))]
        : name == FileName ? Mirrors : [.. Mirrors.Select(mirror => new Uri(mirror, Uri.EscapeDataString(name)))];

    private static Uri WithSlash(Uri folder) => folder.AbsolutePath.EndsWith('/') ? folder : new UriBuilder(folder) { Path = folder.AbsolutePath + "/" }.Uri;

    private static bool Add(string part, IEnumerable<string> stores, List<Uri> mirrors, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        if (!Uri.TryCreate(part, UriKind.Absolute, out Uri? url) || !IsRemote(part))
        {
            problem = "it is not a list of URLs; write http://, https:// or gateway:// before each and one space between them";
            return false;
        }
        if (url.Scheme != StoreScheme)
        {
            mirrors.Add(url);
            return true;
        }
        string name = part[(StoreScheme.Length + 3)..].Trim('/');
        if (!name.Split('/').All(IsPlain))
        {
            problem = $"'{part}' is not the name of a file or folder in a model store; write gateway://NAME";
            return false;
        }
        int before = mirrors.Count;
        mirrors.AddRange(stores.Select(store => new Uri(new Uri(store), StorePath + name)));
        problem = mirrors.Count == before ? $"'{part}' is in the gateways' model store, and Models:StoreAddresses names no gateway; give their addresses" : null;
        return problem is null;
    }

    private static string NameOf(Uri url)
    {
        string[] segments = [.. url.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];

        // https://HOST/OWNER/REPOSITORY/resolve/REVISION/: a folder is better known by its repository than by its revision.
        return segments.Length == 0 ? "" : segments.Length > 2 && segments[^2] == "resolve" && !segments[^1].Contains('.', StringComparison.Ordinal) ? segments[^3] : segments[^1];
    }

    [GeneratedRegex(@"^#sha256=[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Checksum();

    [GeneratedRegex(@"^[\p{L}\p{N}_][\p{L}\p{N}_ .+=@()-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName();

    [GeneratedRegex(@"^(.*)-\d{5}-of-(\d{5})\.gguf\z", RegexOptions.CultureInvariant)]
    private static partial Regex SplitName();
}
