using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.IO.MemoryMappedFiles;

namespace Winnow.Inference.Files;

/// <summary>
/// A GGUF model file (versions 2 and 3), mapped into memory. The header is read and checked when it is opened; tensor data is only
/// mapped. Safe for readers on several threads until it is disposed. Format: ggml's docs/gguf.md.
/// </summary>
public sealed unsafe class GgufFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly FrozenDictionary<string, GgufTensor> _byName;
    private readonly Lazy<string> _contentHash;
    private byte* _start;

    private GgufFile(string path, long length, MemoryMappedFile map)
    {
        Path = path;
        ByteLength = length;
        _map = map;
        _view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
        try
        {
            GgufHeader header = GgufHeader.Read(path, new GgufReader(path, _start, length), length);
            Version = (int)header.Version;
            Alignment = header.Alignment;
            DataOffset = header.DataOffset;
            Metadata = header.Metadata;
            Tensors = header.Tensors;
            _byName = header.Tensors.ToFrozenDictionary(tensor => tensor.Name, StringComparer.Ordinal);
            _contentHash = new Lazy<string>(() => GgufContentHash.Compute(this));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>Bytes of the file.</summary>
    public long ByteLength { get; }

    /// <summary>Format version.</summary>
    public int Version { get; }

    /// <summary>Alignment of tensor data, a power of two.</summary>
    public int Alignment { get; }

    /// <summary>Where tensor data begins.</summary>
    public long DataOffset { get; }

    /// <summary>Key-value pairs.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>Tensors in the file's order.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>
    /// 32 hex digits that name the content, for the numerics id: SHA-256, cut to 128 bits, over length, header and data; of files over
    /// 64 MiB the data is sampled per tensor, so this tells models apart but does not protect against a forger. Computed once.
    /// </summary>
    public string ContentHash => _contentHash.Value;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="ModelFileException">The file is missing, unreadable, or not as the format says.</exception>
    public static GgufFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        MemoryMappedFile? map = null;
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            long length = stream.Length;
            if (length == 0)
            {
                throw new ModelFileException(path, "size", "0 bytes", "a GGUF file");
            }
            map = MemoryMappedFile.CreateFromFile(stream, null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new GgufFile(path, length, map);
        }
        catch (Exception inner) when (inner is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            map?.Dispose();
            throw new ModelFileException(path, "path", inner.Message.TrimEnd('.'), "a readable file", inner);
        }
    }

    /// <summary>A tensor by name.</summary>
    /// <exception cref="ModelFileException">There is none of that name.</exception>
    public GgufTensor GetTensor(string name) =>
        TryGetTensor(name, out GgufTensor? tensor) ? tensor : throw new ModelFileException(Path, $"tensor '{name}'", "missing", "a tensor of that name");

    /// <summary>A tensor by name, if it is there.</summary>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out GgufTensor? tensor) => _byName.TryGetValue(name, out tensor);

    /// <summary>A tensor's bytes, valid until the file is disposed.</summary>
    /// <exception cref="ModelFileException">It has over 2^31 - 1 bytes; use <see cref="GetPointer"/>.</exception>
    public ReadOnlySpan<byte> GetData(GgufTensor tensor) => tensor.ByteLength <= int.MaxValue
        ? new ReadOnlySpan<byte>(GetPointer(tensor), (int)tensor.ByteLength)
        : throw new ModelFileException(Path, $"tensor '{tensor.Name}', bytes", tensor.ByteLength, $"at most {int.MaxValue} for one span");

    /// <summary>A tensor's first byte, aligned to <see cref="Alignment"/>; valid until the file is disposed.</summary>
    /// <exception cref="ArgumentException">The tensor is not one of this file's.</exception>
    public byte* GetPointer(GgufTensor tensor)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        return _byName.TryGetValue(tensor.Name, out GgufTensor? own) && ReferenceEquals(own, tensor)
            ? _start + tensor.Offset
            : throw new ArgumentException($"Tensor '{tensor.Name}' is not one of file '{Path}'.", nameof(tensor));
    }

    /// <summary>Unmaps the file; spans and pointers into it must not be used any more.</summary>
    public void Dispose()
    {
        if (_start is null)
        {
            return;
        }
        _start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }

    /// <summary>Any range of the mapped file.</summary>
    internal ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, ByteLength - length);
        return new ReadOnlySpan<byte>(_start + offset, length);
    }
}
