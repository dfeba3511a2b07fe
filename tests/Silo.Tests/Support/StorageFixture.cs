using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers;
using Orleans.Storage;
using Winnow.Silo.Storage;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Support;

/// <summary>The storages that silos keep state in: files, and PostgreSQL where it is there, with two silos on it.</summary>
public sealed class StorageFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly List<TestSilo> _silos = [];
    private FileGrainStorage? _files;
    private PostgresServer? _server;
    private int _opened;

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        foreach (TestSilo silo in _silos)
        {
            await silo.DisposeAsync();
        }
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
        _files?.Dispose();
        _turn.Dispose();
        _folder.Dispose();
    }

    /// <summary>The storage and the index of a silo that has written nothing since the last call: one that opened the files anew, or the other one on the database.</summary>
    internal async Task<(IGrainStorage Storage, IStateIndex Index)> OpenAsync(string storage)
    {
        await _turn.WaitAsync();
        try
        {
            if (storage != PostgresDataAttribute.Name)
            {
                _files?.Dispose();
                _files = new FileGrainStorage(_folder.File("files"), new DurableFiles());
                return (_files, _files);
            }
            await StartAsync();
            IServiceProvider silo = _silos[_opened++ % _silos.Count].Services;
            return (silo.GetRequiredKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME), silo.GetRequiredService<IStateIndex>());
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The database server, started when it is first asked for.</summary>
    internal async Task<PostgresServer> ServerAsync() => _server ??= await PostgresServer.StartAsync();

    private async Task StartAsync()
    {
        PostgresServer server = await ServerAsync();
        while (_silos.Count < 2)
        {
            _silos.Add(await TestSilo.StartAsync(_folder.File($"silo{_silos.Count}"), null, "--Silo:Storage=postgresql", $"--Silo:ConnectionString={server.Connection}"));
        }
    }
}
