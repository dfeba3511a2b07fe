using System.Diagnostics;
using Npgsql;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Support;

/// <summary>
/// A PostgreSQL of the tests' own: a temporary data directory, a socket in it and no port. It ends with this process, however that ends: a shell waits for the end
/// of its input. PostgreSQL refuses to run as root, so root starts it as user <c>postgres</c>.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The superuser, and the database that has the tables of <c>helm/sql/postgresql.sql</c>.</summary>
    private const string Name = "winnow";

    /// <summary>The user that packages make for the server.</summary>
    private const string ServerUser = "postgres";

    private const string UntilInputEnds = """
        "$@" & read -r _; kill -INT $!; wait $!
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly string? Tools = FindTools();
    private readonly TemporaryFolder _folder = new();
    private Process? _server;

    private PostgresServer()
    {
    }

    /// <summary>Why there can be none; <see langword="null"/> when there can.</summary>
    public static string? WhyNot { get; } =
        Tools is null ? "'initdb' of PostgreSQL is neither on the PATH nor in /usr/lib/postgresql; install the package 'postgresql'."
        : Environment.IsPrivilegedProcess && !File.ReadLines("/etc/passwd").Any(line => line.StartsWith($"{ServerUser}:", StringComparison.Ordinal))
            ? $"PostgreSQL refuses to run as root, and there is no user '{ServerUser}'."
        : null;

    /// <summary>The script that makes the tables.</summary>
    public static string Script { get; } = Path.Combine(SharedFolder.RepositoryRoot, "helm", "sql", "postgresql.sql");

    /// <summary>A database with the tables.</summary>
    public string Connection => ConnectionTo(Name);

    /// <summary>A database without tables.</summary>
    public string EmptyConnection => ConnectionTo("postgres");

    private string Data => _folder.File("data");

    /// <summary>Starts one and makes the tables.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        PostgresServer server = new();
        try
        {
            await server.StartServerAsync();
            await server.ExecuteAsync(server.EmptyConnection, $"CREATE DATABASE {Name}");
            await server.RunScriptAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the script in the database with the tables, as whoever installs Winnow does.</summary>
    public Task RunScriptAsync() => RunAsync(null, Path.Combine(Tools!, "psql"), "-h", Data, "-U", Name, "-d", Name, "-q", "-v", "ON_ERROR_STOP=1", "-f", Script);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null)
        {
            using CancellationTokenSource limit = new(Limit);
            _server.StandardInput.Close();
            await _server.WaitForExitAsync(limit.Token);
            _server.Dispose();
        }
        _folder.Dispose();
    }

    private async Task StartServerAsync()
    {
        string? user = Environment.IsPrivilegedProcess ? ServerUser : null;
        if (user is not null)
        {
            await RunAsync(null, "chmod", "o+x", _folder.Root);
            await RunAsync(null, "install", "-d", "-m", "700", "-o", user, Data);
        }
        await RunAsync(user, Path.Combine(Tools!, "initdb"), "-D", Data, "-A", "trust", "-U", Name, "-E", "UTF8", "--no-sync");
        _server = Process.Start(Command(
            user, "sh", "-c", UntilInputEnds, "sh", Path.Combine(Tools!, "postgres"), "-D", Data, "-k", Data, "-c", "listen_addresses=", "-c", "fsync=off"))!;
        // Nobody reads what it says, so that it never waits for a reader.
        _server.OutputDataReceived += (_, _) => { };
        _server.ErrorDataReceived += (_, _) => { };
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
        await TestSilo.UntilAsync("PostgreSQL to take connections", () => ExecuteAsync(EmptyConnection, "SELECT 1"), error => error is null || _server.HasExited);
    }

    private string ConnectionTo(string database) => $"Host={Data};Username={Name};Database={database};Maximum Pool Size=40";

    private async Task<NpgsqlException?> ExecuteAsync(string connection, string sql)
    {
        try
        {
            await using NpgsqlConnection open = new(connection);
            await open.OpenAsync();
            await using NpgsqlCommand command = new(sql, open);
            await command.ExecuteNonQueryAsync();
            return null;
        }
        catch (NpgsqlException exception)
        {
            return exception;
        }
    }

    private static async Task RunAsync(string? user, params string[] command)
    {
        using CancellationTokenSource limit = new(Limit);
        using Process process = Process.Start(Command(user, command))!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        string errors = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"'{string.Join(' ', command)}' ended with '{process.ExitCode}': {errors}{await output}");
    }

    private static ProcessStartInfo Command(string? user, params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        if (user is not null)
        {
            start.UserName = user;
        }
        return start;
    }

    // Debian keeps the server's tools out of the path.
    private static string? FindTools()
    {
        const string debian = "/usr/lib/postgresql";
        IEnumerable<string> packaged = Directory.Exists(debian) ? Directory.EnumerateDirectories(debian).OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")) : [];
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return packaged.Concat(path).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }
}
