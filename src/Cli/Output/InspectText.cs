using System.Globalization;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Output;

/// <summary>Writes an <see cref="InspectReport"/> for people. Texts of the file are not trusted and go through <see cref="TerminalText"/>.</summary>
internal sealed class InspectText(InspectReport report, TextWriter output)
{
    private const int NameCharacters = 64;
    private const int ValueCharacters = 100;
    private const int ProblemCharacters = 500;
    private const double MebiByte = 1 << 20;

    /// <summary>Writes everything.</summary>
    public void Write()
    {
        WriteFile();
        WriteModel();
        WriteTokenizer();
        foreach (string problem in report.Problems)
        {
            Line($"problem       {TerminalText.OneLine(problem, ProblemCharacters)}");
        }
        if (report.Model is { } model)
        {
            WriteMemory(model.Memory);
        }
        if (report.With is { } with)
        {
            WriteCompatibility(with);
        }
        WriteMetadata();
        WriteTensors();
    }

    private static string Name(string text) => TerminalText.OneLine(text, NameCharacters);

    private static string Token(TokenReport token) => FormattableString.Invariant($"{token.Id} '{Name(token.Text)}'");

    private static string Size(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / MebiByte / 1024:N2} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / MebiByte:N1} MiB");

    private void WriteFile()
    {
        Line($"file          {report.File}");
        string parts = report.Parts.Count > 1 ? $" in {report.Parts.Count} files" : "";
        Line($"format        {(report.Version > 0 ? $"GGUF version {report.Version}" : report.Format)}, {report.Bytes:N0} bytes{parts}");
        Line($"content hash  {report.ContentHash ?? "not read, the model is on a server"}");
        Line($"architecture  {Name(report.Architecture ?? "not said")}");
        Line($"parameters    {report.Parameters:N0} in {report.Tensors.Count} tensors, {report.TensorBytes:N0} bytes");
        foreach ((string type, TensorTypeReport sums) in report.Types)
        {
            Line($"  {type,-8}  {sums.Tensors,5} tensors, {sums.Bytes:N0} bytes: {sums.ShareOfBytes,7:P1} of the bytes, {sums.ShareOfWeights,7:P1} of the weights");
        }
    }

    private void WriteModel()
    {
        if (report.Model is not { } model)
        {
            return;
        }
        Line($"name          {Name(model.Name)}");
        Line($"context       {model.ContextTokens:N0} tokens");
        Line($"layers        {model.Layers}, width {model.ModelSize}, feed-forward {model.FeedForwardSize}");
        Line($"heads         {model.Heads} of {model.HeadSize} elements, {model.KvHeads} for keys and values");
        Line($"embeddings    {model.VocabularySize:N0} tokens, {(model.TiedEmbeddings ? "the head shares them" : "the head has its own")}");
    }

    private void WriteTokenizer()
    {
        if (report.Tokenizer is { } tokenizer)
        {
            Line($"tokeniser     {tokenizer.Vocabulary:N0} tokens, {tokenizer.Special} special");
            Line($"  begin       {(tokenizer.Begin is { } begin ? Token(begin) : "none")}{(tokenizer.AddsBegin ? ", added to texts" : "")}");
            Line($"  ends        {(tokenizer.Ends.Count == 0 ? "none" : string.Join(", ", tokenizer.Ends.Select(Token)))}");
        }
        Line($"template      {(report.Template is { } template ? $"{template.Length:N0} characters" : "none that can be used")}");
    }

    private void WriteMemory(MemoryReport memory)
    {
        output.WriteLine();
        Line($"memory        weights {Size(memory.WeightsBytes)}, scratch {Size(memory.ScratchBytes)}, KV cache in {memory.KvType}; in all, by context and sequences at once:");
        int[] batches = [.. memory.Needs.Select(need => need.Batch).Distinct()];
        Line($"  {"context",9}{string.Concat(batches.Select(batch => string.Create(CultureInfo.InvariantCulture, $"{batch,13}")))}");
        foreach (IGrouping<int, MemoryNeed> row in memory.Needs.GroupBy(need => need.ContextTokens))
        {
            Line($"  {row.Key,9:N0}{string.Concat(row.Select(need => $"{Size(need.TotalBytes),13}"))}");
        }
    }

    private void WriteCompatibility(CompatibilityReport with)
    {
        VocabularyComparison vocabulary = with.Vocabulary;
        output.WriteLine();
        Line($"with          {with.Draft}");
        Line($"  {with.Verdict}");
        Line($"  weights     {with.WeightRatio:P1} of the target's, context {with.DraftContextTokens:N0} tokens");
        Line($"  embeddings  {with.TargetRows:N0} tokens, the draft's {with.DraftRows:N0}");
        Line($"  vocabulary  {(vocabulary.IsSame ? "the same" : "different")}: {vocabulary.TargetTokens:N0} tokens, the draft's {vocabulary.DraftTokens:N0}; {vocabulary.DifferingTokens:N0} ids differ");
        foreach (TokenDifference token in vocabulary.FirstDifferences)
        {
            Line($"    {token.Id,8}  '{Name(token.Target)}', the draft's '{Name(token.Draft)}'");
        }
        foreach (RoleDifference role in vocabulary.Roles)
        {
            Line($"    {role.Role,8}  {Ids(role.Target)}, the draft's {Ids(role.Draft)}");
        }
    }

    private static string Ids(IReadOnlyList<int> ids) => ids.Count == 0 ? "none" : string.Join(' ', ids);

    private void WriteMetadata()
    {
        output.WriteLine();
        Line($"metadata, {report.Metadata.Count} keys");
        foreach ((string key, MetadataReport value) in report.Metadata)
        {
            Line($"  {Name(key),-42}  {value.Type,-16}  {TerminalText.OneLine(value.ForPeople(), ValueCharacters)}");
        }
    }

    private void WriteTensors()
    {
        output.WriteLine();
        Line($"tensors, {report.Tensors.Count}");
        foreach (TensorReport tensor in report.Tensors)
        {
            Line($"  {Name(tensor.Name),-42}  {tensor.Type,-8}  {string.Join(" x ", tensor.Dimensions),-20}  {tensor.Bytes,14:N0}");
        }
    }

    private void Line(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
