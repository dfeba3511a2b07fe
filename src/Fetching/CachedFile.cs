using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Winnow.Fetching;

/// <summary>
/// One file in the cache, of full length and with holes: brings the chunks that are asked for and checks those that are there, once in the life of a process.
/// Safe for callers on several threads and, through the files, in several processes.
/// </summary>
internal sealed class CachedFile : IDisposable
{
    private const int RunChunks = 8;
    private static readonly TimeSpan ClaimPoll = TimeSpan.FromMilliseconds(50);
    private readonly MirroredFile _origin;
    private readonly ModelCache _cache;
    private readonly FetchContext _context;
    private readonly SafeFileHandle _data;
    private readonly ChunkMap _map;
    private readonly int[] _checked;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _askedForChecksum;

    /// <summary>Opens the file and its map in the cache, or begins them; under the lock of the cache.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="origin">Where its bytes come from.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="context">Options, clock and log.</param>
    public CachedFile(string path, MirroredFile origin, ModelCache cache, FetchContext context)
    {
        (Path, _origin, _cache, _context) = (path, origin, cache, context);
        _map = ChunkMap.Open(path + ChunkMap.Extension, origin.Length);
        _data = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (RandomAccess.GetLength(_data) != origin.Length)
        {
            RandomAccess.SetLength(_data, origin.Length);
        }
        _checked = new int[ChunkPlan.Count(origin.Length)];
    }

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>Bytes in all.</summary>
    public long Length => _origin.Length;

    /// <summary>Brings some ranges.</summary>
    /// <param name="ranges">What is needed.</param>
    /// <param name="brought">Told of the bytes of every chunk that was brought or found in the cache.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ModelFetchException">They cannot be had.</exception>
    public async Task RequireAsync(IEnumerable<(long Offset, long Length)> ranges, Action<long>? brought, CancellationToken cancellation)
    {
        int[] wanted = [.. Unchecked(ChunkPlan.Cover(ranges, Length))];
        if (wanted.Length == 0)
        {
            return;
        }
        await _turn.WaitAsync(cancellation);
        try
        {
            ParallelOptions parallel = new() { MaxDegreeOfParallelism = _context.Options.Connections, CancellationToken = cancellation };
            await Parallel.ForEachAsync(ChunkPlan.Runs(wanted, RunChunks), parallel, async (run, token) => await CheckAsync(run, brought, token));
            int[] missing = [.. Unchecked(wanted)];
            if (missing.Length == 0)
            {
                return;
            }
            if (!_origin.HasRanges)
            {
                missing = [.. Unchecked(Enumerable.Range(0, _checked.Length))];
                _context.LogWhole(_origin.Name, Length);
            }
            using ChunkPromise room = await _cache.MakeRoomAsync(_origin.Name, Path, missing, ChunkPlan.Bytes(missing, Length), cancellation);
            int longest = _origin.HasRanges ? RunChunks : int.MaxValue;
            await Parallel.ForEachAsync(ChunkPlan.Runs(missing, longest), parallel, async (run, token) => await BringAsync(run, brought, token));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Bytes of the chunks that hold some ranges, and of those of them that are known to be there.</summary>
    public (long Needed, long Done) Count(IEnumerable<(long Offset, long Length)> ranges)
    {
        int[] chunks = ChunkPlan.Cover(ranges, Length);
        long needed = ChunkPlan.Bytes(chunks, Length);
        return (needed, needed - ChunkPlan.Bytes(Unchecked(chunks), Length));
    }

    /// <summary>Brings all of the file and checks it as a whole, once in the life of the cached file.</summary>
    /// <param name="sha256">Its SHA-256 in hex.</param>
    /// <param name="brought">Told of the bytes of every chunk that was brought or found in the cache.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ModelFetchException">It cannot be had, or has another checksum; then none of it is kept.</exception>
    public async Task RequireWholeAsync(string sha256, Action<long>? brought, CancellationToken cancellation)
    {
        await RequireAsync([(0, Length)], brought, cancellation);
        byte[] expected = Convert.FromHexString(sha256);
        if (_map.WholeChecksum.AsSpan().SequenceEqual(expected))
        {
            return;
        }
        using FileStream stream = new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, ChunkPlan.ChunkBytes, useAsync: true);
        byte[] found = await SHA256.HashDataAsync(stream, cancellation);
        if (!found.AsSpan().SequenceEqual(expected))
        {
            for (int chunk = 0; chunk < _checked.Length; chunk++)
            {
                _map.Forget(chunk);
                Volatile.Write(ref _checked[chunk], 0);
            }
            throw new ModelFetchException(_origin.Name, $"its SHA-256 is '{Convert.ToHexStringLower(found)}' and must be '{sha256}'", "check the file and the checksum");
        }
        _map.WholeChecksum = found;
    }

    /// <summary>Where all of the file is there and a checksum lies beside it on the server, checks it; does nothing otherwise.</summary>
    /// <exception cref="ModelFetchException">It has another checksum.</exception>
    public async Task CheckWholeAsync(CancellationToken cancellation)
    {
        bool isWhole = !Unchecked(Enumerable.Range(0, _checked.Length)).Any();
        if (!isWhole || _askedForChecksum || _map.WholeChecksum.Length > 0)
        {
            return;
        }
        if (await _origin.ReadChecksumAsync(cancellation) is { } sha256)
        {
            await RequireWholeAsync(sha256, null, cancellation);
        }
        _askedForChecksum = true;
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _map.Dispose();
        _data.Dispose();
        _turn.Dispose();
    }

    private IEnumerable<int> Unchecked(IEnumerable<int> chunks) => chunks.Where(chunk => Volatile.Read(ref _checked[chunk]) == 0);

    /// <summary>Checks those chunks of a run that the map has.</summary>
    private async Task CheckAsync((int First, int Count) run, Action<long>? brought, CancellationToken cancellation)
    {
        byte[] recorded = new byte[ChunkMap.HashBytes];
        byte[] bytes = [];
        foreach (int chunk in Unchecked(Enumerable.Range(run.First, run.Count)))
        {
            if (!_map.TryRead(chunk, recorded))
            {
                continue;
            }
            int length = ChunkPlan.Bytes(chunk, Length);
            bytes = bytes.Length == 0 ? new byte[ChunkPlan.ChunkBytes] : bytes;
            int read = await RandomAccess.ReadAsync(_data, bytes.AsMemory(0, length), (long)chunk * ChunkPlan.ChunkBytes, cancellation);
            if (read == length && SHA256.HashData(bytes.AsSpan(0, length)).AsSpan().SequenceEqual(recorded))
            {
                FetchMetrics.CacheHitBytes.Inc(length);
                Note(chunk, brought);
            }
            else
            {
                FetchMetrics.CacheDamagedBytes.Inc(length);
                _context.LogDamaged(_origin.Name, chunk);
                _map.Forget(chunk);
            }
        }
    }

    /// <summary>Brings a run, unless another process does: then waits for that, and takes what it has brought.</summary>
    private async ValueTask BringAsync((int First, int Count) run, Action<long>? brought, CancellationToken cancellation)
    {
        while (true)
        {
            using (IDisposable? claim = _map.TryClaim(run.First, run.Count))
            {
                if (claim is not null)
                {
                    await CheckAsync(run, brought, cancellation);
                    foreach ((int first, int count) in ChunkPlan.Runs([.. Unchecked(Enumerable.Range(run.First, run.Count))], run.Count))
                    {
                        await FetchAsync(first, count, brought, cancellation);
                    }
                    return;
                }
            }
            await Task.Delay(ClaimPoll, _context.Time, cancellation);
        }
    }

    private async Task FetchAsync(int first, int count, Action<long>? brought, CancellationToken cancellation)
    {
        int[] Left() => [.. Unchecked(Enumerable.Range(first, count))];
        for (int left = count; left > 0; left = Left().Length)
        {
            try
            {
                await _origin.CopyAsync(() => Left() is { Length: > 0 } rest ? (rest[0], first + count - rest[0]) : (first, 0), KeepAsync, cancellation);
            }
            catch (ModelFetchException cut) when (cut.IsTransient && Left().Length < left)
            {
                // It got further before it failed, so the rest has all its attempts again.
                _context.LogGoesOn(_origin.Name, cut.Message);
            }
        }
        async ValueTask KeepAsync(int chunk, ReadOnlyMemory<byte> bytes, byte[] checksum, CancellationToken token)
        {
            // Where two mirrors were asked for it, the first is kept.
            if (Volatile.Read(ref _checked[chunk]) == 0)
            {
                await RandomAccess.WriteAsync(_data, bytes, (long)chunk * ChunkPlan.ChunkBytes, token);
                _map.Write(chunk, checksum);
                Note(chunk, brought);
            }
        }
    }

    private void Note(int chunk, Action<long>? brought)
    {
        if (Interlocked.Exchange(ref _checked[chunk], 1) == 0)
        {
            brought?.Invoke(ChunkPlan.Bytes(chunk, Length));
        }
    }
}
