namespace Winnow.Cli;

/// <summary>Finds the model pair that comes with Winnow.</summary>
internal static class ShippedModels
{
    private const string Folder = "models";

    /// <summary>File name of the shipped target.</summary>
    public const string Target = "winnow-target-q8_0.gguf";

    /// <summary>File name of the shipped draft.</summary>
    public const string Draft = "winnow-draft-q8_0.gguf";

    /// <summary>Full path of a shipped file, looked for in <c>models/</c> beside the tool, of the current folder, and of their parents.</summary>
    /// <exception cref="CliException">It is in none of them.</exception>
    public static string Find(string file)
    {
        foreach (string start in new[] { AppContext.BaseDirectory, Directory.GetCurrentDirectory() })
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string path = Path.Combine(folder.FullName, Folder, file);
                if (File.Exists(path))
                {
                    return path;
                }
            }
        }
        throw new CliException($"The shipped model '{file}' is not in a '{Folder}' folder beside the tool or above '{Directory.GetCurrentDirectory()}'; give --model PATH.");
    }
}
