using System.Text.Json;
using Winnow.Inference.Files;
using Winnow.Inference.Files.HuggingFace;

namespace Winnow.Inference.Tokenizers.HuggingFace;

/// <summary>Reads the merge rules of tokenizer.json.</summary>
internal static class HuggingFaceMerges
{
    private const string Key = "merges";

    /// <summary>Reads the rules, most important first; each is one text with a space between, or an array of two texts.</summary>
    /// <exception cref="ModelFileException">A rule is something else.</exception>
    public static MergeTable Read(HuggingFaceConfig model, Vocabulary vocabulary, Func<int, bool> include)
    {
        foreach (string name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model.Text(name) is { Length: > 0 } text)
            {
                throw model.Wrong(name, text, "nothing");
            }
        }
        JsonElement merges = model.Value(Key);
        if (merges.ValueKind != JsonValueKind.Array)
        {
            throw model.Wrong(Key, merges.ValueKind, "an array");
        }
        MergeTableBuilder table = new(vocabulary, include);
        int rank = 0;
        foreach (JsonElement merge in merges.EnumerateArray())
        {
            (string left, string right) = Pair(merge);
            if (left.Length == 0 || right.Length == 0)
            {
                throw model.Wrong($"{Key}[{rank}]", merge, "two spellings");
            }
            table.Add(left, right, rank++);
        }
        return table.Build();
    }

    private static (string Left, string Right) Pair(JsonElement merge)
    {
        if (merge.ValueKind == JsonValueKind.String)
        {
            string text = merge.GetString()!;
            int space = text.Length > 1 ? text.IndexOf(' ', 1) : -1;
            return space < 0 ? ("", "") : (text[..space], text[(space + 1)..]);
        }
        return merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2
            && merge[0].ValueKind == JsonValueKind.String && merge[1].ValueKind == JsonValueKind.String
            ? (merge[0].GetString()!, merge[1].GetString()!)
            : ("", "");
    }
}
