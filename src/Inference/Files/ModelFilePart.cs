using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Winnow.Inference.Files;

/// <summary>One run of bytes that holds tensors: a file mapped into memory, or values computed when the model was opened.</summary>
public sealed unsafe partial class ModelFilePart : IDisposable
{
    private const nuint ComputedAlignment = 64;
    private const int AdviseNotNeeded = 4;
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly IModelSource? _source;
    private byte* _start;

    private ModelFilePart(string path, long length, MemoryMappedFile map, IModelSource? source)
    {
        Path = path;
        _source = source;
        ByteLength = length;
        DataOffset = length;
        _map = map;
        _view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
    }

    private ModelFilePart(string path, long length)
    {
        Path = path;
        ByteLength = length;
        _start = (byte*)NativeMemory.AlignedAlloc((nuint)length, ComputedAlignment);
    }

    /// <summary>The file; of computed values the file they were computed from.</summary>
    public string Path { get; }

    /// <summary>Bytes in all.</summary>
    public long ByteLength { get; }

    /// <summary>Whether it is a mapped file.</summary>
    public bool IsMapped => _map is not null;

    /// <summary>Where tensor data begins, at most <see cref="ByteLength"/>.</summary>
    internal long DataOffset { get; set; }

    /// <summary>The first byte. Of a file that is there only in part, bytes must be asked for before they are read.</summary>
    /// <exception cref="ObjectDisposedException">The part has been freed.</exception>
    internal byte* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return _start;
        }
    }

    /// <summary>Unmaps or frees the bytes.</summary>
    public void Dispose()
    {
        if (_start is null)
        {
            return;
        }
        if (_view is null)
        {
            NativeMemory.AlignedFree(_start);
        }
        else
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map!.Dispose();
        }
        _start = null;
    }

    /// <summary>Maps a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it should be, for errors.</param>
    /// <param name="source">Brings its bytes when they are asked for; <see langword="null"/> when all of them are there.</param>
    /// <exception cref="ModelFileException">It is missing, empty or unreadable.</exception>
    internal static ModelFilePart Map(string path, string expected, IModelSource? source = null)
    {
        MemoryMappedFile? map = null;
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, source is null ? FileShare.Read : FileShare.ReadWrite);
            long length = stream.Length;
            if (length == 0)
            {
                throw new ModelFileException(path, "size", "0 bytes", expected);
            }
            map = MemoryMappedFile.CreateFromFile(stream, null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new ModelFilePart(path, length, map, source);
        }
        catch (Exception inner) when (inner is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            map?.Dispose();
            throw new ModelFileException(path, "path", inner.Message.TrimEnd('.'), "a readable file", inner);
        }
    }

    /// <summary>Room for computed values.</summary>
    internal static ModelFilePart Computed(string path, long bytes) => new(path, bytes);

    /// <summary>
    /// Unmaps the pages of some bytes, whole pages around them included, until they are next read. A file is mapped to be read only, so nothing
    /// is lost; computed values stay. Linux only: elsewhere the system takes pages when it needs them.
    /// </summary>
    internal void ReleasePages(byte* first, long bytes)
    {
        if (IsMapped && OperatingSystem.IsLinux())
        {
            nuint page = (nuint)Environment.SystemPageSize;
            nuint start = (nuint)first & ~(page - 1);

            // A system that refuses keeps the pages, which is correct, only larger.
            _ = Advise((void*)start, (nuint)first + (nuint)bytes - start, AdviseNotNeeded);
        }
    }

    /// <summary>Makes bytes present, all of them inside the part.</summary>
    internal void Require(long offset, long length) => _source?.Require(Path, offset, length);

    /// <summary>The first byte of a tensor, all of whose bytes are there now.</summary>
    internal byte* Tensor(GgufTensor tensor)
    {
        _source?.RequireTensors([new ModelRange(Path, tensor.Offset, tensor.ByteLength)], null, CancellationToken.None);
        return Start + tensor.Offset;
    }

    /// <summary>Any range of the bytes.</summary>
    internal ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, ByteLength - length);
        Require(offset, length);
        return new ReadOnlySpan<byte>(Start + offset, length);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint bytes, int advice);
}
