using System.Runtime.InteropServices;

namespace Winnow.Fetching;

/// <summary>
/// Chunks that a fetch is about to bring into a file of the cache. They count as there while it runs, so that room is not given to two fetches, be they of one process or of several. A file beside the map,
/// <c>NAME.chunks.ID.promise</c>, has their numbers; whoever made it holds it open, and one that nobody holds is left from a process that ended.
/// </summary>
internal sealed class ChunkPromise : IDisposable
{
    private const string Extension = ".promise";
    private readonly FileStream _held;

    private ChunkPromise(FileStream held)
    {
        _held = held;
    }

    /// <summary>Promises some chunks; under the lock of the cache.</summary>
    /// <param name="map">The file's map.</param>
    /// <param name="chunks">Numbers of the chunks.</param>
    public static ChunkPromise Make(string map, ReadOnlySpan<int> chunks)
    {
        string path = $"{map}.{Guid.NewGuid():N}{Extension}";
        File.WriteAllBytes(path, MemoryMarshal.AsBytes(chunks));
        return new ChunkPromise(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read));
    }

    /// <summary>The chunks of a file that are promised; removes promises of processes that ended. Under the lock of the cache.</summary>
    /// <param name="map">The file's map.</param>
    public static HashSet<int> Of(string map)
    {
        HashSet<int> promised = [];
        foreach (string path in Directory.EnumerateFiles(Path.GetDirectoryName(map)!, $"{Path.GetFileName(map)}.*{Extension}"))
        {
            if (!IsLeft(path))
            {
                promised.UnionWith(Read(path));
            }
        }
        return promised;
    }

    /// <summary>Gives the room back that was not used.</summary>
    public void Dispose()
    {
        _held.Dispose();
        File.Delete(_held.Name);
    }

    private static bool IsLeft(string path)
    {
        try
        {
            using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
            }
        }
        catch (FileNotFoundException)
        {
            // Given back since it was listed.
            return true;
        }
        catch (IOException)
        {
            return false;
        }
        File.Delete(path);
        return true;
    }

    private static int[] Read(string path)
    {
        try
        {
            return MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(path)).ToArray();
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }
}
