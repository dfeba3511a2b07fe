using System.Data.Common;

namespace Winnow.Hosting;

/// <summary>The connection string of a database, given by an option or in a file, as secrets of Kubernetes are. No text made here repeats any of it: it holds a password.</summary>
public static class DatabaseConnection
{
    /// <summary>What options call PostgreSQL.</summary>
    public const string PostgreSql = "postgresql";

    /// <summary>Name of its .NET provider.</summary>
    public const string PostgreSqlProvider = "Npgsql";

    /// <summary>The connection string, or an empty one when there is none or its file cannot be read, which <see cref="Check"/> reports.</summary>
    /// <param name="text">The option, or empty.</param>
    /// <param name="file">The file, or empty.</param>
    public static string Read(string text, string file)
    {
        if (text.Length > 0 || file.Length == 0)
        {
            return text;
        }
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Checks that there is one, from one place, and that it is a list of settings.</summary>
    /// <param name="checks">Takes the failures.</param>
    /// <param name="section">Section of the options <c>ConnectionString</c> and <c>ConnectionStringFile</c>.</param>
    /// <param name="text">The first option's value.</param>
    /// <param name="file">The second option's value.</param>
    public static void Check(OptionChecks checks, string section, string text, string file)
    {
        ArgumentNullException.ThrowIfNull(checks);
        if (text.Length > 0 == file.Length > 0)
        {
            checks.Fail($"A database needs one of {section}:ConnectionString and {section}:ConnectionStringFile; give one of them.");
            return;
        }
        string source = text.Length > 0 ? $"{section}:ConnectionString" : $"{section}:ConnectionStringFile '{file}'";
        try
        {
            if (new DbConnectionStringBuilder { ConnectionString = Read(text, file) }.Count == 0)
            {
                checks.Fail($"{source} is empty or cannot be read; write settings like 'Host=db;Database=winnow;Username=winnow;Password=…'.");
            }
        }
        catch (ArgumentException)
        {
            checks.Fail($"{source} is no connection string; write settings like 'Host=db;Database=winnow;Username=winnow;Password=…'.");
        }
    }
}
