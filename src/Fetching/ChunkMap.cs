using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Winnow.Fetching;

/// <summary>
/// Which chunks of a cached file are there: a file beside it, <c>NAME.chunks</c>, with a record for each. A head of 64 bytes (magic, bytes of a chunk,
/// bytes of the file, SHA-256 of the whole file once that was checked) is followed by the SHA-256 of every chunk that is there, and zeros for the others.
/// A chunk is written before its record, and read with it: whatever a crash leaves half done does not match and is fetched again. Processes may
/// share the files; they agree who fetches what by locks on the bytes of a third file, <c>NAME.claims</c>, which holds nothing: such locks are given up when
/// a process closes any handle of their file, and maps are opened to be counted, too.
/// </summary>
internal sealed class ChunkMap : IDisposable
{
    /// <summary>Bytes of a checksum.</summary>
    public const int HashBytes = 32;

    /// <summary>What the name of a map ends in.</summary>
    public const string Extension = ".chunks";

    private const string ClaimsExtension = ".claims";
    private const ulong Magic = 0x31534B4E48434E57; // "WNCHNKS1"
    private const int HeadBytes = 64;
    private const int WholeAt = 24;
    private readonly FileStream _file;
    private readonly SafeFileHandle _handle;
    private readonly FileStream _claims;

    private ChunkMap(FileStream file, FileStream claims, long fileBytes)
    {
        _file = file;
        _claims = claims;
        _handle = file.SafeFileHandle;
        FileBytes = fileBytes;
    }

    /// <summary>Bytes of the file that the map is of.</summary>
    public long FileBytes { get; }

    /// <summary>SHA-256 of the whole file, once it was checked; empty before, and again as soon as a chunk is another or not there: that one was not part of what was checked.</summary>
    public byte[] WholeChecksum
    {
        get
        {
            byte[] checksum = new byte[HashBytes];
            return Read(WholeAt, checksum) ? checksum : [];
        }
        set => RandomAccess.Write(_handle, value.Length == HashBytes ? value : new byte[HashBytes], WholeAt);
    }

    /// <summary>Opens a file's map, or begins it.</summary>
    /// <param name="path">The map.</param>
    /// <param name="fileBytes">Bytes of the file.</param>
    public static ChunkMap Open(string path, long fileBytes)
    {
        if (!IsOf(path, fileBytes))
        {
            // What is not a map of this file is nobody's: whoever makes one makes all of it, under the entry's lock.
            string begun = path + ".new";
            using (FileStream stream = new(begun, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                stream.Write(Head(fileBytes));
                stream.SetLength(HeadBytes + ((long)ChunkPlan.Count(fileBytes) * HashBytes));
            }
            File.Move(begun, path, overwrite: true);
        }
        return new ChunkMap(OpenShared(path), OpenShared(Path.ChangeExtension(path, ClaimsExtension)), fileBytes);
    }

    /// <summary>Bytes of the chunks that a map says are there; 0 when it is none.</summary>
    public static long PresentBytes(string path) => CountBytes(path, new HashSet<int>());

    /// <summary>Bytes of the chunks that a map says are there, and of some others; 0 when it is none.</summary>
    /// <param name="path">The map.</param>
    /// <param name="others">Numbers of other chunks.</param>
    public static long CountBytes(string path, IReadOnlySet<int> others)
    {
        byte[] map = File.ReadAllBytes(path);
        if (map.Length < HeadBytes || BinaryPrimitives.ReadUInt64LittleEndian(map) != Magic)
        {
            return 0;
        }
        long fileBytes = BinaryPrimitives.ReadInt64LittleEndian(map.AsSpan(16));
        long present = 0;
        for (int chunk = 0; HeadBytes + ((chunk + 1) * HashBytes) <= map.Length; chunk++)
        {
            bool isThere = map.AsSpan(HeadBytes + (chunk * HashBytes), HashBytes).ContainsAnyExcept((byte)0);
            present += isThere || others.Contains(chunk) ? ChunkPlan.Bytes(chunk, fileBytes) : 0;
        }
        return present;
    }

    /// <summary>The checksum of a chunk that is there.</summary>
    /// <returns>Whether it is there.</returns>
    public bool TryRead(int chunk, Span<byte> checksum) => Read(At(chunk), checksum);

    /// <summary>Notes that a chunk is there.</summary>
    public void Write(int chunk, ReadOnlySpan<byte> checksum)
    {
        ForgetWhole();
        RandomAccess.Write(_handle, checksum, At(chunk));
    }

    /// <summary>Notes that a chunk is not there.</summary>
    public void Forget(int chunk)
    {
        ForgetWhole();
        RandomAccess.Write(_handle, new byte[HashBytes], At(chunk));
    }

    /// <summary>
    /// Takes the right to fetch some chunks, against other processes. Freed with the answer, and by the system when a process ends. Where the system has
    /// no such locks everyone gets the right, and the same bytes are written twice.
    /// </summary>
    /// <returns><see langword="null"/> while another process has it.</returns>
    public IDisposable? TryClaim(int first, int count)
    {
        if (OperatingSystem.IsMacOS() || OperatingSystem.IsIOS() || OperatingSystem.IsTvOS() || OperatingSystem.IsFreeBSD())
        {
            return new Claim(null, 0, 0);
        }
        try
        {
            _claims.Lock(first, count);
            return new Claim(_claims, first, count);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Closes the map.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _claims.Dispose();
    }

    private static FileStream OpenShared(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);

    private static long At(int chunk) => HeadBytes + ((long)chunk * HashBytes);

    private static byte[] Head(long fileBytes)
    {
        byte[] head = new byte[HeadBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(head, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), ChunkPlan.ChunkBytes);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(16), fileBytes);
        return head;
    }

    private static bool IsOf(string path, long fileBytes)
    {
        if (!File.Exists(path))
        {
            return false;
        }
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] head = new byte[HeadBytes];
        return stream.Length == HeadBytes + ((long)ChunkPlan.Count(fileBytes) * HashBytes)
            && stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) == HeadBytes
            && head.AsSpan(0, WholeAt).SequenceEqual(Head(fileBytes).AsSpan(0, WholeAt));
    }

    private void ForgetWhole()
    {
        if (WholeChecksum.Length > 0)
        {
            WholeChecksum = [];
        }
    }

    private bool Read(long at, Span<byte> checksum) => RandomAccess.Read(_handle, checksum, at) == HashBytes && checksum.ContainsAnyExcept((byte)0);

    private sealed class Claim(FileStream? file, long at, long bytes) : IDisposable
    {
        public void Dispose()
        {
            if (!(OperatingSystem.IsMacOS() || OperatingSystem.IsIOS() || OperatingSystem.IsTvOS() || OperatingSystem.IsFreeBSD()))
            {
                file?.Unlock(at, bytes);
            }
        }
    }
}
