namespace Winnow.Contracts;

/// <summary>Which names workers may have: they are keys of grains, names of files and parts of paths.</summary>
public static class WorkerIds
{
    /// <summary>Most characters of an id.</summary>
    public const int MaxLength = 128;

    /// <summary>What is allowed, for messages.</summary>
    public const string Allowed = "1 to 128 of the letters a to z and A to Z, digits, '.', '_' and '-'";

    /// <summary>Whether a worker may be called so.</summary>
    public static bool IsValid(string? id) => id?.Length is > 0 and <= MaxLength && id.All(IsAllowed);

    /// <summary>A name as an id: with '-' for what is not allowed.</summary>
    public static string Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string id = string.Concat(name.Select(c => IsAllowed(c) ? c : '-'));
        return id.Length > MaxLength ? id[^MaxLength..] : id;
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
}
