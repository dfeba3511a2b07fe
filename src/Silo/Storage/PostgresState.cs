using Microsoft.Extensions.Options;
using Npgsql;
using Winnow.Contracts;
using Winnow.Hosting;

namespace Winnow.Silo.Storage;

/// <summary>What Winnow itself asks the database whose tables <c>helm/sql/postgresql.sql</c> makes; the rest is Orleans' providers'.</summary>
/// <param name="options">Connection string.</param>
internal sealed class PostgresState(IOptions<SiloOptions> options) : IStateIndex
{
    private readonly string _connection = DatabaseConnection.Read(options.Value.ConnectionString, options.Value.ConnectionStringFile);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> FindAsync(string stateName, DateTimeOffset before, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = new(_connection);
        await connection.OpenAsync(cancellation);
        await using NpgsqlCommand command = new(
            "SELECT key_text FROM winnow_grain_state WHERE service_id = $1 AND state_name = $2 AND written_at < $3", connection);
        command.Parameters.AddWithValue(WinnowCluster.ServiceId);
        command.Parameters.AddWithValue(stateName);
        command.Parameters.AddWithValue(before.UtcDateTime);
        List<string> keys = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            keys.Add(reader.GetString(0));
        }
        return keys;
    }

    /// <summary>Fails in one line when the database cannot be used.</summary>
    /// <exception cref="StartupException">It is away, refuses, or lacks the tables.</exception>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        NpgsqlConnectionStringBuilder settings = new(_connection);
        string name = $"'{settings.Host}:{settings.Port}/{settings.Database}'";
        try
        {
            await using NpgsqlConnection connection = new(_connection);
            await connection.OpenAsync(cancellation);
            await using NpgsqlCommand command = new("SELECT count(*) FROM orleansquery, winnow_grain_state WHERE false", connection);
            await command.ExecuteScalarAsync(cancellation);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            throw new StartupException($"Database {name} has no tables of Winnow; run helm/sql/postgresql.sql in it.", exception);
        }
        catch (NpgsqlException exception)
        {
            throw new StartupException($"Database {name} cannot be used ({exception.Message.TrimEnd('.')}); check that it runs and the connection string.", exception);
        }
    }
}
