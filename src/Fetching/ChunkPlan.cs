namespace Winnow.Fetching;

/// <summary>Arithmetic of a file cut into chunks of equal length, of which the last may be shorter.</summary>
internal static class ChunkPlan
{
    /// <summary>Bytes of a chunk: what is fetched, checked and kept as one.</summary>
    public const int ChunkBytes = 1 << 20;

    /// <summary>Chunks of a file.</summary>
    public static int Count(long fileBytes) => checked((int)((fileBytes + ChunkBytes - 1) / ChunkBytes));

    /// <summary>Bytes of one chunk.</summary>
    public static int Bytes(int chunk, long fileBytes) => (int)Math.Min(ChunkBytes, fileBytes - ((long)chunk * ChunkBytes));

    /// <summary>Bytes of some chunks.</summary>
    public static long Bytes(IEnumerable<int> chunks, long fileBytes) => chunks.Sum(chunk => (long)Bytes(chunk, fileBytes));

    /// <summary>The chunks that hold some ranges, each once, ascending.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A range is not inside the file.</exception>
    public static int[] Cover(IEnumerable<(long Offset, long Length)> ranges, long fileBytes)
    {
        var chunks = new SortedSet<int>();
        foreach ((long offset, long length) in ranges)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, fileBytes - length);
            for (long chunk = offset / ChunkBytes; chunk * ChunkBytes < offset + length; chunk++)
            {
                chunks.Add((int)chunk);
            }
        }
        return [.. chunks];
    }

    /// <summary>Runs of neighbours among ascending chunks, none longer than <paramref name="longest"/>.</summary>
    public static List<(int First, int Count)> Runs(IReadOnlyList<int> chunks, int longest)
    {
        List<(int First, int Count)> runs = [];
        foreach (int chunk in chunks)
        {
            if (runs.Count > 0 && runs[^1].First + runs[^1].Count == chunk && runs[^1].Count < longest)
            {
                runs[^1] = (runs[^1].First, runs[^1].Count + 1);
            }
            else
            {
                runs.Add((chunk, 1));
            }
        }
        return runs;
    }
}
