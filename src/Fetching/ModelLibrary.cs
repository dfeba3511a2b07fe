using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Winnow.Hosting;
using Winnow.Inference.Files;

namespace Winnow.Fetching;

/// <summary>
/// Opens models by path or URL. Of a model on a server only the bytes that are read are fetched, into the cache; what is there already is checked and used.
/// Safe for callers on several threads.
/// </summary>
public sealed class ModelLibrary : IDisposable
{
    private const int ChangesFollowed = 3;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);
    private readonly HttpMessageInvoker _http;
    private readonly ModelCache _cache;
    private readonly RangeClient _client;
    private readonly FetchPolicies _policies;
    private readonly FetchCredentials _credentials;
    private readonly FetchContext _context;

    /// <summary>Opens models by some options.</summary>
    /// <param name="options">Cache, servers and limits.</param>
    /// <param name="token">The cluster token, for gateways' model stores.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public ModelLibrary(IOptions<ModelsOptions> options, ClusterToken token, TimeProvider time, ILogger<ModelLibrary> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
        });
        _context = new FetchContext(options.Value, time, logger);
        _cache = new ModelCache(options.Value, time, logger);
        _policies = new FetchPolicies(options.Value, time);
        _credentials = new FetchCredentials(options.Value, token);
        _client = new RangeClient(_http, options.Value, _policies, _credentials);
        FetchMetrics.Publish();
    }

    /// <summary>Opens a model and reads its headers; blocks.</summary>
    /// <param name="path">A path that <see cref="ModelFile.Open"/> takes, or a URL in the form of <see cref="ModelLocation"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ModelFileException">Something is missing, unreadable, or not as the format says.</exception>
    /// <exception cref="ModelFetchException">The server does not have it or cannot be reached, or the cache has no room.</exception>
    public ModelFile Open(string path, CancellationToken cancellation = default)
    {
        if (!ModelLocation.IsRemote(path))
        {
            return ModelFile.Open(path);
        }
        if (!ModelLocation.TryParse(path, _context.Options.StoreAddresses, out ModelLocation? location, out string? problem))
        {
            throw new ModelFetchException("a model", problem, "see docs/models.md");
        }
        for (int changes = 0; ; changes++)
        {
            RemoteModelSource source = RemoteModelSource.Wait(() => FindAsync(location, cancellation));
            try
            {
                source.Cancellation = cancellation;
                ModelFile file = ModelFile.Open(source.Path, source);
                source.Cancellation = CancellationToken.None;
                return file;
            }
            catch (ModelFetchException changed) when (changed.HasChanged && changes < ChangesFollowed)
            {
                source.Dispose();
            }
            catch
            {
                source.Dispose();
                throw;
            }
        }
    }

    /// <summary>As <see cref="Open"/>, on a thread of its own, since readers of headers block.</summary>
    public Task<ModelFile> OpenAsync(string path, CancellationToken cancellation = default) =>
        Task.Factory.StartNew(() => Open(path, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Closes the connections. Models that are open keep what they have.</summary>
    public void Dispose() => _http.Dispose();

    private async Task<RemoteModelSource> FindAsync(ModelLocation location, CancellationToken cancellation)
    {
        List<(string Name, MirroredFile File)> files;
        CacheEntry entry;
        try
        {
            files = await AskAsync(location, cancellation);
            entry = await _cache.OpenAsync(location, [.. files.Select(file => new CachedVersion(file.Name, file.File.File))], cancellation);
        }
        catch (ModelFetchException unreachable) when (unreachable.IsTransient)
        {
            if (await _cache.FindAsync(location, cancellation) is not { } kept)
            {
                throw;
            }
            entry = kept;
            files = [.. entry.Files.Select(file => (file.Name, MirroredFile.Remembered(location.UrlsOf(file.Name), file.File, _client, _policies, _credentials)))];
            _context.LogUnreachable(location.Display, unreachable.Message);
        }
        List<CachedFile> opened = [];
        try
        {
            foreach ((string name, MirroredFile file) in files)
            {
                opened.Add(await _cache.LockedAsync(() => new CachedFile(Path.Combine(entry.Folder, name), file, _cache, _context), cancellation));
            }
            _context.LogFound(location.Display, files.Count, files.Sum(file => file.File.Length), entry.Folder);
            RemoteModelSource source = new(entry, location, opened);
            await source.RequireSmallAsync(cancellation);
            return source;
        }
        catch
        {
            opened.ForEach(file => file.Dispose());
            entry.Dispose();
            throw;
        }
    }

    private async Task<List<(string Name, MirroredFile File)>> AskAsync(ModelLocation location, CancellationToken cancellation)
    {
        Task<MirroredFile> Find(string name) => MirroredFile.FindAsync(location.UrlsOf(name), _client, _policies, _credentials, cancellation);
        if (!location.IsFolder)
        {
            string[] names = [.. location.Parts()];
            MirroredFile[] parts = await Task.WhenAll(names.Select(Find));
            return [.. names.Zip(parts)];
        }
        return await ModelFolder.FindAsync(location, Find, async (name, most) =>
        {
            byte[]? bytes = null;
            IReadOnlyList<Uri> urls = location.UrlsOf(name);
            await _policies.RunAsync(urls.Count, async (mirror, token) => bytes = await _client.ReadSmallAsync(urls[mirror], most, token), cancellation);
            return bytes;
        });
    }
}
