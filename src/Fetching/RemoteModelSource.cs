using Winnow.Inference.Files;

namespace Winnow.Fetching;

/// <summary>A model in the cache, some of it fetched: brings the bytes that its reader asks for.</summary>
internal sealed class RemoteModelSource : IModelSource
{
    private readonly CacheEntry _entry;
    private readonly ModelLocation _location;
    private readonly Dictionary<string, CachedFile> _files;

    /// <summary>Takes over a folder of the cache and its files.</summary>
    public RemoteModelSource(CacheEntry entry, ModelLocation location, IEnumerable<CachedFile> files)
    {
        (_entry, _location) = (entry, location);
        _files = files.ToDictionary(file => file.Path, StringComparer.Ordinal);
    }

    /// <summary>What to open: the file, or the folder.</summary>
    public string Path => _location.IsFolder ? _entry.Folder : System.IO.Path.Combine(_entry.Folder, _location.FileName);

    /// <summary>Ends requests for what describes the model.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <inheritdoc />
    public void Require(string path, long offset, long length) => Wait(async () =>
    {
        await _files[path].RequireAsync([(offset, length)], null, Cancellation);
        return true;
    });

    /// <inheritdoc />
    public void RequireTensors(IReadOnlyList<ModelRange> ranges, IProgress<FetchProgress>? progress, CancellationToken cancellation) =>
        Wait(async () =>
        {
            await RequireTensorsAsync(ranges, progress, cancellation);
            return true;
        });

    /// <summary>Brings all of the files that readers may open beside the mapped ones: those of a folder that are no weights.</summary>
    public async Task RequireSmallAsync(CancellationToken cancellation)
    {
        foreach (CachedFile file in _files.Values.Where(file => _location.IsFolder && !file.Path.EndsWith(ModelFolder.WeightsExtension, StringComparison.Ordinal)))
        {
            await file.RequireAsync([(0, file.Length)], null, cancellation);
        }
    }

    /// <summary>Readers of models are not asynchronous; the work is done on threads of the pool, so that none of it waits for this one.</summary>
    public static T Wait<T>(Func<Task<T>> work) => Task.Run(work).GetAwaiter().GetResult();

    /// <summary>Closes the files and lets the cache remove them.</summary>
    public void Dispose()
    {
        foreach (CachedFile file in _files.Values)
        {
            file.Dispose();
        }
        _entry.Dispose();
    }

    private async Task RequireTensorsAsync(IReadOnlyList<ModelRange> ranges, IProgress<FetchProgress>? progress, CancellationToken cancellation)
    {
        (CachedFile File, (long, long)[] Ranges)[] needed =
        [
            .. ranges.GroupBy(range => range.Path, StringComparer.Ordinal)
                .Select(group => (_files[group.Key], _location.Sha256 is null ? [.. group.Select(range => (range.Offset, range.Length))] : new[] { (0L, _files[group.Key].Length) })),
        ];
        (long Needed, long Done)[] counts = [.. needed.Select(file => file.File.Count(file.Ranges))];
        long total = counts.Sum(count => count.Needed);
        long done = counts.Sum(count => count.Done);
        progress?.Report(new FetchProgress(done, total));
        foreach ((CachedFile file, (long, long)[] of) in needed)
        {
            if (_location.Sha256 is { } sha256)
            {
                await file.RequireWholeAsync(sha256, Brought, cancellation);
            }
            else
            {
                await file.RequireAsync(of, Brought, cancellation);
                await file.CheckWholeAsync(cancellation);
            }
        }
        void Brought(long bytes) => progress?.Report(new FetchProgress(Interlocked.Add(ref done, bytes), total));
    }
}
