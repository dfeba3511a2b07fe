namespace Winnow.Cli.Processes;

/// <summary>Where the executables of the roles lie: each in a folder of its own beside the tool, with its own settings file.</summary>
internal static class RoleExecutable
{
    /// <summary>Role name of the silo.</summary>
    public const string Silo = "Silo";

    /// <summary>Role name of a worker.</summary>
    public const string Worker = "GpuWorker";

    /// <summary>Role name of the gateway.</summary>
    public const string Gateway = "Gateway";

    /// <summary>Path of a role's assembly.</summary>
    /// <exception cref="CliException">It was not built.</exception>
    public static string Find(string role)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "roles", role, $"Winnow.{role}.dll");
        return File.Exists(path) ? path : throw new CliException($"The executable '{path}' is missing; build the tool again with 'dotnet build src/Cli'.");
    }
}
