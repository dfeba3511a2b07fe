using System.Text.Json.Serialization;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Templates;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Output;

/// <summary>What <c>winnow inspect</c> prints; the JSON names are documented in docs/cli.md.</summary>
internal sealed record InspectReport
{
    private const string ArchitectureKey = "general.architecture";

    public required string File { get; init; }

    /// <summary><c>gguf</c> or <c>safetensors</c>.</summary>
    public required string Format { get; init; }

    /// <summary>GGUF version; 0 for other formats.</summary>
    public required int Version { get; init; }

    /// <summary>The files that the model consists of.</summary>
    public required IReadOnlyList<PartReport> Parts { get; init; }

    /// <summary>Bytes of all files.</summary>
    public required long Bytes { get; init; }

    /// <summary>32 hex digits that name the content; <see langword="null"/> for a model on a server, of which only the headers are read.</summary>
    public required string? ContentHash { get; init; }

    /// <summary>The metadata's <c>general.architecture</c>, or <see langword="null"/>.</summary>
    public required string? Architecture { get; init; }

    /// <summary>Weights: elements of all tensors.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of all tensors.</summary>
    public required long TensorBytes { get; init; }

    /// <summary>Sums by element type.</summary>
    public required IReadOnlyDictionary<string, TensorTypeReport> Types { get; init; }

    /// <summary>Sizes and memory; <see langword="null"/> for a file that is not a model that Winnow runs.</summary>
    public required ModelReport? Model { get; init; }

    /// <summary>The tokeniser; <see langword="null"/> where there is none that Winnow reads.</summary>
    public required TokenizerReport? Tokenizer { get; init; }

    /// <summary>The chat template; <see langword="null"/> where there is none.</summary>
    public required string? Template { get; init; }

    /// <summary>Why the model, its tokeniser or its template cannot be used; empty for a model that can be served.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Whether another model can draft for this one; only with <c>--with</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CompatibilityReport? With { get; init; }

    /// <summary>Metadata by key, in the file's order.</summary>
    public required IReadOnlyDictionary<string, MetadataReport> Metadata { get; init; }

    /// <summary>Tensors in the file's order.</summary>
    public required IReadOnlyList<TensorReport> Tensors { get; init; }

    /// <summary>Reports a model.</summary>
    /// <param name="file">The model.</param>
    /// <param name="draft">A model that shall draft for it.</param>
    /// <param name="name">Where it is, to be shown.</param>
    /// <exception cref="ModelFileException">One of a pair is not a model that Winnow knows.</exception>
    public static InspectReport From(ModelFile file, ModelFile? draft, string name)
    {
        List<string> problems = [];
        return new InspectReport
        {
            File = name,
            Format = file.Format.ToString().ToLowerInvariant(),
            Version = file.Version,
            Parts = [.. file.Parts.Where(part => part.IsMapped).Select(part => new PartReport(part.Path, part.ByteLength))],
            Bytes = file.ByteLength,
            ContentHash = file.IsPartial ? null : file.ContentHash,
            Architecture = file.Metadata.TryGetString(ArchitectureKey, out string? architecture) ? architecture : null,
            Parameters = file.Tensors.Sum(tensor => tensor.ElementCount),
            TensorBytes = file.Tensors.Sum(tensor => tensor.ByteLength),
            Types = TypesOf(file),
            Model = Read(problems, () => ModelReport.From(ModelFootprint.Read(file))),
            Tokenizer = Read(problems, () => TokenizerReport.From(TokenizerFactory.FromFile(file))),
            Template = file.Metadata.TryGetString(ChatTemplate.MetadataKey, out string? template) ? Read(problems, () => ChatTemplate.Parse(template).Source) : null,
            Problems = problems,
            With = draft is null ? null : CompatibilityReport.From(file, draft),
            Metadata = new OrderedDictionary<string, MetadataReport>(file.Metadata.Keys
                .Select(key => KeyValuePair.Create(key, MetadataReport.From(file.Metadata.TryGet(key, out GgufValue? value) ? value : throw new InvalidOperationException(key))))),
            Tensors = [.. file.Tensors.Select(tensor => new TensorReport(tensor.Name, tensor.Type.ToString(), tensor.Dimensions, tensor.ByteLength))],
        };
    }

    // Most bytes first.
    private static OrderedDictionary<string, TensorTypeReport> TypesOf(ModelFile file)
    {
        double weights = Math.Max(1, file.Tensors.Sum(tensor => (double)tensor.ElementCount));
        double bytes = Math.Max(1, file.Tensors.Sum(tensor => (double)tensor.ByteLength));
        return new OrderedDictionary<string, TensorTypeReport>(file.Tensors
            .GroupBy(tensor => tensor.Type)
            .Select(group => (group.Key, Count: group.Count(), Bytes: group.Sum(tensor => tensor.ByteLength), Weights: group.Sum(tensor => tensor.ElementCount)))
            .OrderByDescending(type => type.Bytes)
            .Select(type => KeyValuePair.Create(type.Key.ToString(),
                new TensorTypeReport(type.Count, type.Bytes, type.Weights, Math.Round(type.Bytes / bytes, 4), Math.Round(type.Weights / weights, 4)))));
    }

    private static T? Read<T>(List<string> problems, Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception problem) when (problem is ModelFileException or TemplateException)
        {
            problems.Add(problem.Message);
            return null;
        }
    }
}

/// <summary>A file of a model.</summary>
/// <param name="File">Its path.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record PartReport(string File, long Bytes);

/// <summary>A tensor of a model file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Element type.</param>
/// <param name="Dimensions">Sizes, the row length first.</param>
/// <param name="Bytes">Bytes of data.</param>
internal sealed record TensorReport(string Name, string Type, IReadOnlyList<long> Dimensions, long Bytes);

/// <summary>Sums over the tensors of one element type.</summary>
/// <param name="Tensors">How many.</param>
/// <param name="Bytes">Bytes of data.</param>
/// <param name="Weights">Elements.</param>
/// <param name="ShareOfBytes">Bytes over those of all tensors.</param>
/// <param name="ShareOfWeights">Elements over those of all tensors.</param>
internal sealed record TensorTypeReport(int Tensors, long Bytes, long Weights, double ShareOfBytes, double ShareOfWeights);
