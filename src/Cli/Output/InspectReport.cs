using System.Globalization;
using System.Text.Json;
using Winnow.Inference.Files;

namespace Winnow.Cli.Output;

/// <summary>What <c>winnow inspect</c> prints; the JSON names are documented in docs/cli.md.</summary>
internal sealed record InspectReport
{
    private const string ArchitectureKey = "general.architecture";
    private const int NameCharacters = 64;
    private const int ValueCharacters = 100;

    public required string File { get; init; }

    /// <summary>GGUF version.</summary>
    public required int Version { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>32 hex digits that name the content.</summary>
    public required string ContentHash { get; init; }

    /// <summary>The metadata's <c>general.architecture</c>, or <see langword="null"/>.</summary>
    public required string? Architecture { get; init; }

    /// <summary>Weights: elements of all tensors.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of all tensors.</summary>
    public required long TensorBytes { get; init; }

    /// <summary>Sums by element type.</summary>
    public required IReadOnlyDictionary<string, TensorTypeReport> Types { get; init; }

    /// <summary>Metadata by key, in the file's order.</summary>
    public required IReadOnlyDictionary<string, MetadataReport> Metadata { get; init; }

    /// <summary>Tensors in the file's order.</summary>
    public required IReadOnlyList<TensorReport> Tensors { get; init; }

    /// <summary>Reports a file.</summary>
    public static InspectReport From(ModelFile file) => new()
    {
        File = file.Path,
        Version = file.Version,
        Bytes = file.ByteLength,
        ContentHash = file.ContentHash,
        Architecture = file.Metadata.TryGetString(ArchitectureKey, out string? architecture) ? architecture : null,
        Parameters = file.Tensors.Sum(tensor => tensor.ElementCount),
        TensorBytes = file.Tensors.Sum(tensor => tensor.ByteLength),
        Types = new OrderedDictionary<string, TensorTypeReport>(file.Tensors
            .GroupBy(tensor => tensor.Type)
            .Select(group => KeyValuePair.Create(group.Key.ToString(), new TensorTypeReport(group.Count(), group.Sum(tensor => tensor.ByteLength))))),
        Metadata = new OrderedDictionary<string, MetadataReport>(file.Metadata.Keys
            .Select(key => KeyValuePair.Create(key, MetadataReport.From(file.Metadata.TryGet(key, out GgufValue? value) ? value : throw new InvalidOperationException(key))))),
        Tensors = [.. file.Tensors.Select(tensor => new TensorReport(tensor.Name, tensor.Type.ToString(), tensor.Dimensions, tensor.ByteLength))],
    };

    /// <summary>Writes it for people or as one JSON object.</summary>
    public void Write(TextWriter output, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(this, CliJson.Relaxed.InspectReport));
            return;
        }
        CultureInfo culture = CultureInfo.InvariantCulture;
        output.WriteLine($"file          {File}");
        output.WriteLine(string.Create(culture, $"format        GGUF version {Version}, {Bytes:N0} bytes"));
        output.WriteLine($"content hash  {ContentHash}");
        output.WriteLine($"architecture  {TerminalText.OneLine(Architecture ?? "not said", NameCharacters)}");
        output.WriteLine(string.Create(culture, $"parameters    {Parameters:N0} in {Tensors.Count} tensors, {TensorBytes:N0} bytes"));
        foreach ((string type, TensorTypeReport sums) in Types)
        {
            output.WriteLine(string.Create(culture, $"  {type,-8}  {sums.Tensors} tensors, {sums.Bytes:N0} bytes"));
        }
        output.WriteLine();
        output.WriteLine($"metadata, {Metadata.Count} keys");
        foreach ((string key, MetadataReport value) in Metadata)
        {
            output.WriteLine($"  {TerminalText.OneLine(key, NameCharacters),-42}  {value.Type,-16}  {TerminalText.OneLine(value.ForPeople(), ValueCharacters)}");
        }
        output.WriteLine();
        output.WriteLine($"tensors, {Tensors.Count}");
        foreach (TensorReport tensor in Tensors)
        {
            output.WriteLine(string.Create(culture,
                $"  {TerminalText.OneLine(tensor.Name, NameCharacters),-42}  {tensor.Type,-8}  {string.Join(" x ", tensor.Dimensions),-20}  {tensor.Bytes,14:N0}"));
        }
    }
}

/// <summary>A tensor of a model file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Element type.</param>
/// <param name="Dimensions">Sizes, the row length first.</param>
/// <param name="Bytes">Bytes of data.</param>
internal sealed record TensorReport(string Name, string Type, IReadOnlyList<long> Dimensions, long Bytes);

/// <summary>Sums over the tensors of one element type.</summary>
/// <param name="Tensors">How many.</param>
/// <param name="Bytes">Bytes of data.</param>
internal sealed record TensorTypeReport(int Tensors, long Bytes);
