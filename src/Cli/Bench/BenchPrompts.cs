using System.Text.Json;
using System.Text.Json.Nodes;
using Winnow.Gateway.Serving;
using Winnow.Inference.Templates;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Bench;

/// <summary>The prompts of a benchmark: real text, so that acceptance means something.</summary>
internal static class BenchPrompts
{
    /// <summary>Name of the prompts that come with the tool.</summary>
    public const string BuiltIn = "builtin";

    /// <summary>Name of twenty prompts that ask for a copy of a text with a word changed: work for drafters that look up what stood before.</summary>
    public const string CopyEdit = "copy-edit";

    /// <summary>Name of twenty prompts with a problem, the shipped target's answer, and the problem again with a name or number changed: an answer that mostly copies what stood before.</summary>
    public const string AskedAgain = "asked-again";

    private const string BuiltInResource = "Winnow.Cli.Bench.prompts.jsonl";
    private const string CopyEditResource = "Winnow.Cli.Bench.copy-edit.jsonl";
    private const string AskedAgainResource = "Winnow.Cli.Bench.asked-again.jsonl";

    /// <summary>Reads prompts: <c>builtin</c>, <c>copy-edit</c>, <c>asked-again</c>, or a file with a JSON object a line (field <c>question</c> or <c>prompt</c>) or plain text a line.</summary>
    /// <exception cref="CliException">The file is missing, empty or malformed.</exception>
    public static IReadOnlyList<string> Read(string source)
    {
        string[] lines = source switch
        {
            BuiltIn => ReadResource(BuiltInResource),
            CopyEdit => ReadResource(CopyEditResource),
            AskedAgain => ReadResource(AskedAgainResource),
            _ => ReadFile(source),
        };
        var prompts = new List<string>(lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            if (!string.IsNullOrWhiteSpace(lines[i]))
            {
                prompts.Add(lines[i].StartsWith('{') ? ReadJson(source, i + 1, lines[i]) : lines[i]);
            }
        }
        return prompts.Count > 0 ? prompts : throw new CliException($"--prompts '{source}' has no prompts; write one a line.");
    }

    /// <summary>
    /// Token ids of prompts: each as a user message through the chat template where the model has one; when <paramref name="promptTokens"/>
    /// is given, texts are joined and cut to exactly that many tokens.
    /// </summary>
    public static IReadOnlyList<int[]> Encode(IReadOnlyList<string> texts, ITokenizer tokenizer, ChatTemplate? template, int? promptTokens)
    {
        var prompts = new int[texts.Count][];
        for (int i = 0; i < prompts.Length; i++)
        {
            prompts[i] = promptTokens is { } count
                ? EncodeLong(texts, i, tokenizer, count)
                : EncodeChat(texts[i], tokenizer, template);
        }
        return prompts;
    }

    /// <summary>Token ids of a user message through the chat template, or of the plain text where the model has none.</summary>
    public static int[] EncodeChat(string text, ITokenizer tokenizer, ChatTemplate? template)
    {
        if (template is null)
        {
            return tokenizer.Encode(text, addSpecial: true, parseSpecial: false);
        }
        var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text });
        return ChatPrompt.Encode(tokenizer, template, messages, TimeProvider.System.GetLocalNow());
    }

    private static int[] EncodeLong(IReadOnlyList<string> texts, int first, ITokenizer tokenizer, int count)
    {
        var ids = new List<int>(tokenizer.Encode(texts[first], addSpecial: true, parseSpecial: false));
        for (int next = first + 1; ids.Count < count; next++)
        {
            ids.AddRange(tokenizer.Encode(" " + texts[next % texts.Count], addSpecial: false, parseSpecial: false));
        }
        return [.. ids.Take(count)];
    }

    private static string[] ReadResource(string name)
    {
        using Stream stream = typeof(BenchPrompts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource '{name}' is missing from the build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n');
    }

    private static string[] ReadFile(string path)
        => File.Exists(path) ? File.ReadAllLines(path) : throw new CliException($"--prompts '{path}' does not exist; give a file with a prompt a line, '{BuiltIn}', '{CopyEdit}' or '{AskedAgain}'.");

    private static string ReadJson(string source, int line, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            foreach (string field in new[] { "question", "prompt" })
            {
                if (document.RootElement.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String)
                {
                    return value.GetString()!;
                }
            }
        }
        catch (JsonException error)
        {
            throw new CliException($"--prompts '{source}', line {line}, is not valid JSON: {error.Message}");
        }
        throw new CliException($"--prompts '{source}', line {line}, has neither a 'question' nor a 'prompt'.");
    }
}
