using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Winnow.Fetching;

/// <summary>
/// The directory of fetched models. Each version of each model has a folder of its own, so a file never changes: when the server's does, there is another folder.
/// Beside each lies a lock file, which whoever uses the folder holds shared and whoever removes it holds alone; its date tells when it was last used. Folders are made,
/// counted and removed under one more lock, so that processes may share the directory. The system frees the locks of a process that ends.
/// </summary>
internal sealed partial class ModelCache
{
    private const string DescriptionName = "files.json";
    private const string LockExtension = ".lock";
    private const string Removed = ".removed";
    private const double DiskShare = 0.9;
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(20);
    private readonly long _limit;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Uses a directory, which is made when something is put into it.</summary>
    public ModelCache(ModelsOptions options, TimeProvider time, ILogger logger)
    {
        Root = options.CacheDirectory.Length > 0 ? Path.GetFullPath(options.CacheDirectory) : DefaultDirectory();
        (_limit, _time, _logger) = (options.CacheBytes, time, logger);
    }

    /// <summary>Where it is.</summary>
    public string Root { get; }

    /// <summary>The folder of one version of a model; made when it is not there, and not removed before it is closed.</summary>
    /// <param name="location">The model.</param>
    /// <param name="files">Its files.</param>
    /// <param name="cancellation">Ends the wait for other processes.</param>
    public async Task<CacheEntry> OpenAsync(ModelLocation location, IReadOnlyList<CachedVersion> files, CancellationToken cancellation)
    {
        string version = location.Sha256 ?? string.Join('\n', files.Select(file => $"{file.Name}\0{file.File.Length}\0{file.File.Validator}"));
        string name = $"{Prefix(location)}{Hash(version)}";
        using IDisposable turn = await LockAsync(cancellation);
        string folder = Path.Combine(Root, name);
        FileStream use = Use(folder);
        try
        {
            Directory.CreateDirectory(folder);
            string description = Path.Combine(folder, DescriptionName);
            await File.WriteAllTextAsync(description + ".new", JsonSerializer.Serialize(files), cancellation);
            File.Move(description + ".new", description, overwrite: true);
            return new CacheEntry(folder, files, use);
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

    /// <summary>The version of a model that was used last, for when no server can be asked.</summary>
    /// <returns><see langword="null"/> when there is none.</returns>
    public async Task<CacheEntry?> FindAsync(ModelLocation location, CancellationToken cancellation)
    {
        using IDisposable turn = await LockAsync(cancellation);
        string? folder = Directory.EnumerateDirectories(Root, Prefix(location) + "*")
            .Where(folder => File.Exists(Path.Combine(folder, DescriptionName)))
            .MaxBy(folder => File.GetLastWriteTimeUtc(folder + LockExtension));
        if (folder is null)
        {
            return null;
        }
        CachedVersion[]? files = JsonSerializer.Deserialize<CachedVersion[]>(await File.ReadAllTextAsync(Path.Combine(folder, DescriptionName), cancellation));
        return files is { Length: > 0 } ? new CacheEntry(folder, files, Use(folder)) : null;
    }

    /// <summary>Does something while nobody else makes, counts or removes folders.</summary>
    public async Task<T> LockedAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        using IDisposable turn = await LockAsync(cancellation);
        return work();
    }

    /// <summary>
    /// Makes room for some chunks of a file: removes models that are not in use, those first that were not used for longest, until the chunks fit beside what is there and what other fetches
    /// are bringing. Removes nothing when that does not suffice.
    /// </summary>
    /// <param name="name">Name of the file, for messages.</param>
    /// <param name="path">The file in the cache.</param>
    /// <param name="chunks">Numbers of the chunks.</param>
    /// <param name="bytes">Their bytes.</param>
    /// <param name="cancellation">Ends the wait for other processes.</param>
    /// <returns>The room, to be given back when the chunks are there or will not come.</returns>
    /// <exception cref="ModelFetchException">They cannot fit.</exception>
    public async Task<ChunkPromise> MakeRoomAsync(string name, string path, int[] chunks, long bytes, CancellationToken cancellation)
    {
        using IDisposable turn = await LockAsync(cancellation);
        ChunkPromise promise = ChunkPromise.Make(path + ChunkMap.Extension, chunks);
        try
        {
            MakeRoom(name, bytes);
            return promise;
        }
        catch
        {
            promise.Dispose();
            throw;
        }
    }

    private static string DefaultDirectory()
    {
        string home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } user ? Path.Combine(user, ".cache")
            : Path.GetTempPath();
        return Path.Combine(home, "winnow", "models");
    }

    private static string Prefix(ModelLocation location) => $"{location.FileName}-{Hash(location.Sha256 ?? location.Key)}-";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));

    /// <summary>Holds a folder in use and notes the time. The lock files stay: removing one would let two processes hold locks of one name.</summary>
    private FileStream Use(string folder)
    {
        string path = folder + LockExtension;
        FileStream use = new(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);
        File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
        return use;
    }

    private void MakeRoom(string name, long bytes)
    {
        (string Folder, long Present, long Taken)[] models = [.. Directory.EnumerateDirectories(Root)
            .OrderBy(folder => File.GetLastWriteTimeUtc(folder + LockExtension))
            .Select(folder => (folder, Sum(folder, ChunkMap.PresentBytes), Sum(folder, map => ChunkMap.CountBytes(map, ChunkPromise.Of(map)))))];
        long present = models.Sum(model => model.Present);
        long taken = models.Sum(model => model.Taken);
        long limit = _limit > 0 ? _limit : present + (long)(DiskShare * new DriveInfo(Root).AvailableFreeSpace);
        List<(string Folder, FileStream Alone, long Bytes)> unused = [];
        try
        {
            foreach ((string folder, long of, _) in models.TakeWhile(_ => taken - unused.Sum(model => model.Bytes) > limit))
            {
                if (HoldAlone(folder) is { } alone)
                {
                    unused.Add((folder, alone, of));
                }
            }
            long left = taken - unused.Sum(model => model.Bytes);
            if (left > limit)
            {
                throw new ModelFetchException(
                    name,
                    $"it needs '{bytes}' bytes more in the cache '{Root}', where models in use and what is being fetched for them take {left - bytes} of the {limit} bytes that it may hold",
                    "raise Models:CacheBytes, give a larger disk, or cut the model into more shards");
            }
            unused.ForEach(model => Remove(model.Folder, model.Bytes));
            FetchMetrics.CacheBytes.Set(present - unused.Sum(model => model.Bytes));
        }
        finally
        {
            unused.ForEach(model => model.Alone.Dispose());
        }
    }

    private static long Sum(string folder, Func<string, long> bytes) => Directory.EnumerateFiles(folder, "*" + ChunkMap.Extension).Sum(bytes);

    /// <returns><see langword="null"/> when somebody uses it.</returns>
    private static FileStream? HoldAlone(string folder)
    {
        try
        {
            return new FileStream(folder + LockExtension, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Remove(string folder, long bytes)
    {
        string removed = folder.EndsWith(Removed, StringComparison.Ordinal) ? folder : folder + Removed;
        if (removed != folder)
        {
            // Whatever a crash leaves of it is no model, but is still counted and removed the next time.
            Directory.Move(folder, removed);
        }
        Directory.Delete(removed, recursive: true);
        FetchMetrics.CacheEvictions.Inc();
        LogRemoved(Path.GetFileName(folder), bytes);
    }

    /// <summary>Waits for the lock over the whole directory; it is held for as long as a few small files take.</summary>
    private async Task<IDisposable> LockAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Root);
        string path = Path.Combine(Root, "cache" + LockExtension);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(LockPoll, _time, cancellation);
            }
        }
    }

    [LoggerMessage(EventId = 3451, Level = LogLevel.Information, Message = "Removed '{Model}' ({Bytes} bytes) from the cache of models to make room.")]
    private partial void LogRemoved(string model, long bytes);
}

/// <summary>A file of a model in the cache and what the server said about it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="File">Length and tags.</param>
internal sealed record CachedVersion(string Name, RemoteFile File);

/// <summary>A folder of the cache, in use until it is closed.</summary>
/// <param name="folder">Where it is.</param>
/// <param name="files">What belongs into it.</param>
/// <param name="use">The lock that keeps it.</param>
internal sealed class CacheEntry(string folder, IReadOnlyList<CachedVersion> files, FileStream use) : IDisposable
{
    /// <summary>Where it is.</summary>
    public string Folder { get; } = folder;

    /// <summary>What belongs into it.</summary>
    public IReadOnlyList<CachedVersion> Files { get; } = files;

    /// <summary>Lets others remove it.</summary>
    public void Dispose() => use.Dispose();
}
