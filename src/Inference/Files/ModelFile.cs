using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Winnow.Inference.Files.HuggingFace;

namespace Winnow.Inference.Files;

/// <summary>
/// A model as its files hold it: a GGUF file (versions 2 and 3), the parts of a split one, or a Hugging Face folder of safetensors. All
/// look alike: metadata and tensors have GGUF's names. Headers are read and checked when it is opened; tensor data is only mapped into
/// memory. Safe for readers on several threads until it is disposed.
/// </summary>
public sealed unsafe class ModelFile : IDisposable
{
    private readonly FrozenDictionary<string, GgufTensor> _byName;
    private readonly Lazy<string> _contentHash;

    private readonly IModelSource? _source;

    private ModelFile(string path, ModelFileContents contents, IModelSource? source)
    {
        Path = path;
        _source = source;
        Format = contents.Format;
        Version = contents.Version;
        Folder = contents.Folder;
        Parts = contents.Parts;
        Metadata = contents.Metadata;
        Tensors = contents.Tensors;
        ByteLength = contents.Parts.Where(part => part.IsMapped).Sum(part => part.ByteLength);
        _byName = contents.Tensors.ToFrozenDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        _contentHash = new Lazy<string>(() => ModelContentHash.Compute(this));
    }

    /// <summary>Where the model is, as it was asked for: a file, one part of a split one, or a folder.</summary>
    public string Path { get; }

    /// <summary>How it is stored.</summary>
    public ModelFileFormat Format { get; }

    /// <summary>Version of the GGUF format, 2 or 3; 0 for other formats.</summary>
    public int Version { get; }

    /// <summary>Folder with tokenizer.json of a Hugging Face model; null for GGUF files, whose metadata holds the tokeniser.</summary>
    public string? Folder { get; }

    /// <summary>The mapped files, in order, and values computed at open.</summary>
    public IReadOnlyList<ModelFilePart> Parts { get; }

    /// <summary>Whether the files are there only in part, and bytes are brought as they are read.</summary>
    public bool IsPartial => _source is not null;

    /// <summary>Bytes of all files.</summary>
    public long ByteLength { get; }

    /// <summary>Key-value pairs with GGUF's keys.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>Tensors in the files' order.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>
    /// 32 hex digits that name the content, for the numerics id: SHA-256, cut to 128 bits, over lengths, headers and data of every part; of
    /// models over 64 MiB the data is sampled in 32 places, so this tells models apart but does not protect against a forger. Computed once.
    /// </summary>
    public string ContentHash => _contentHash.Value;

    /// <summary>Opens a model and checks its headers.</summary>
    /// <param name="path">A GGUF file, any part of a split one (the others lie beside it), or a folder with config.json and safetensors.</param>
    /// <param name="source">
    /// Brings the files' bytes where not all of them are there; freed with the model, but left to the caller when this fails. Default: they are there.
    /// </param>
    /// <exception cref="ModelFileException">Something is missing, unreadable, or not as the format says.</exception>
    public static ModelFile Open(string path, IModelSource? source = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelFileContents contents = Directory.Exists(path) ? HuggingFaceModelReader.Read(path, source) : GgufModelReader.Read(path, source);
        return new ModelFile(path, contents, source);
    }

    /// <summary>
    /// A model put together from parts. One that shares the parts of open files is of use as long as they are open, and not to be disposed itself.
    /// </summary>
    /// <param name="path">Named in errors.</param>
    /// <param name="contents">Its description.</param>
    internal static ModelFile Compose(string path, ModelFileContents contents) => new(path, contents, null);

    /// <summary>Whether there is something to open at a path: a file or a folder.</summary>
    public static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);

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

    /// <summary>A tensor's first byte, aligned as the file has it; valid until the file is disposed.</summary>
    /// <exception cref="ArgumentException">The tensor is not one of this file's.</exception>
    public byte* GetPointer(GgufTensor tensor) => _byName.TryGetValue(tensor.Name, out GgufTensor? own) && ReferenceEquals(own, tensor)
        ? Parts[tensor.Part].Tensor(tensor)
        : throw new ArgumentException($"Tensor '{tensor.Name}' is not one of file '{Path}'.", nameof(tensor));

    /// <summary>
    /// Gives a tensor's memory back to the system's file cache: it is read again when it is next used. For tensors that have been copied.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor is not one of this file's.</exception>
    public void ReleasePages(GgufTensor tensor) => Parts[tensor.Part].ReleasePages(GetPointer(tensor), tensor.ByteLength);

    /// <summary>
    /// Brings tensors that are about to be read, where the files are there only in part; together is much faster than one after another, which
    /// <see cref="GetPointer"/> does for what is missing. Blocks until they are there.
    /// </summary>
    /// <param name="tensors">Tensors of this file.</param>
    /// <param name="progress">Told how much is there, or <see langword="null"/>; not called when the files are local.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="IOException">They cannot be had.</exception>
    public void RequireTensors(IEnumerable<GgufTensor> tensors, IProgress<FetchProgress>? progress, CancellationToken cancellation) => _source?.RequireTensors(
        [.. tensors.Where(tensor => Parts[tensor.Part].IsMapped).Select(tensor => new ModelRange(Parts[tensor.Part].Path, tensor.Offset, tensor.ByteLength))],
        progress, cancellation);

    /// <summary>Unmaps the files; spans and pointers into them must not be used any more.</summary>
    public void Dispose()
    {
        foreach (ModelFilePart part in Parts)
        {
            part.Dispose();
        }
        _source?.Dispose();
    }
}
