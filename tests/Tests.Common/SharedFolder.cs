namespace Winnow.Tests.Common;

/// <summary>Finds the optional folder of shared test data and the repository's own files.</summary>
public static class SharedFolder
{
    /// <summary>The repository's root: the nearest folder above the test binary that holds the solution.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The shared folder, or null: <c>WINNOW_SHARED</c>, else <c>../shared</c> beside the repository.</summary>
    public static string? Root { get; } = FindShared();

    /// <summary>The path of a shared file; only for tests that carry <see cref="SharedFactAttribute"/>.</summary>
    public static string File(string relative) =>
        Path.Combine(Root ?? throw new InvalidOperationException("the shared folder is not here"), relative);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Winnow.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Winnow.slnx was not found above the test binary.");
    }

    private static string? FindShared()
    {
        string? named = Environment.GetEnvironmentVariable("WINNOW_SHARED");
        if (!string.IsNullOrEmpty(named))
        {
            return Directory.Exists(named) ? named : null;
        }

        for (DirectoryInfo? folder = Directory.GetParent(RepositoryRoot); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(Path.Combine(candidate, "data")))
            {
                return candidate;
            }
        }

        return null;
    }
}
