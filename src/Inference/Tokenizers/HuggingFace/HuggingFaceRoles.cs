using System.Text.Json;
using Winnow.Inference.Files;
using Winnow.Inference.Files.HuggingFace;

namespace Winnow.Inference.Tokenizers.HuggingFace;

/// <summary>Finds the tokens with a role: what a text begins and ends with, and what ends a generation.</summary>
internal static class HuggingFaceRoles
{
    private const int MaxEnds = 64;

    /// <summary>Reads the roles.</summary>
    /// <param name="file">tokenizer.json.</param>
    /// <param name="model">Its model.</param>
    /// <param name="folder">Where the other files are; none of them need be there.</param>
    /// <param name="ids">Ids of all tokens.</param>
    /// <exception cref="ModelFileException">A file is not as it must be, or names a token that does not exist.</exception>
    public static TokenRoles Read(HuggingFaceConfig file, HuggingFaceConfig model, string folder, Dictionary<string, int> ids)
    {
        HuggingFaceConfig?[] configs = [Open(folder, "tokenizer_config.json"), Open(folder, "special_tokens_map.json")];
        (int? prefix, int? suffix) = ReadFrame(file, ids);
        return new TokenRoles
        {
            Begin = Named("bos_token") ?? prefix,
            End = Named("eos_token"),
            Unknown = model.Text("unk_token") is { } unknown ? Id(model, "unk_token", unknown, ids) : null,
            Prefix = prefix,
            Suffix = suffix,
            MoreEnds = Open(folder, "generation_config.json") is { } generation ? ReadEnds(generation, ids.Count) : [],
        };

        int? Named(string name)
        {
            foreach (HuggingFaceConfig config in configs.OfType<HuggingFaceConfig>())
            {
                string? text = config.Value(name).ValueKind == JsonValueKind.Object ? config.Section(name)!.Text("content") : config.Text(name);
                if (text is not null)
                {
                    return ids.TryGetValue(text, out int id) ? id : null;
                }
            }
            return null;
        }
    }

    private static HuggingFaceConfig? Open(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            return null;
        }
        using ModelFilePart part = ModelFilePart.Map(path, "a part of the tokeniser");
        return new HuggingFaceConfig(path, HuggingFaceJson.Parse(part));
    }

    private static (int? Prefix, int? Suffix) ReadFrame(HuggingFaceConfig file, Dictionary<string, int> ids)
    {
        HuggingFaceConfig? processor = file.Section("post_processor");
        foreach (HuggingFaceConfig step in processor?.Text("type") == "Sequence" ? processor.Sections("processors") ?? [] : processor is null ? [] : [processor])
        {
            switch (step.Text("type"))
            {
                case "ByteLevel":
                    break; // it only trims positions, which nobody asks for here
                case "TemplateProcessing":
                    return ReadTemplate(step, ids);
                case "BertProcessing" or "RobertaProcessing":
                    return (FirstOf(step, "cls", ids), FirstOf(step, "sep", ids));
                default:
                    throw step.Wrong("type", step.Text("type") ?? "missing", "'ByteLevel', 'TemplateProcessing', 'BertProcessing' or 'RobertaProcessing'");
            }
        }
        return (null, null);
    }

    private static (int? Prefix, int? Suffix) ReadTemplate(HuggingFaceConfig template, Dictionary<string, int> ids)
    {
        int?[] frame = [null, null];
        int side = 0;
        foreach (HuggingFaceConfig item in template.Sections("single") ?? [])
        {
            if (item.Section("SpecialToken") is not { } special)
            {
                side = 1;
                continue;
            }
            if (frame[side] is not null)
            {
                throw template.Wrong("single", "more", "at most one token before and one after the text");
            }
            frame[side] = Id(special, "id", special.Text("id") ?? "missing", ids);
        }
        return (frame[0], frame[1]);
    }

    private static int FirstOf(HuggingFaceConfig step, string name, Dictionary<string, int> ids)
    {
        JsonElement pair = step.Value(name);
        return pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() > 0 && pair[0].ValueKind == JsonValueKind.String
            ? Id(step, name, pair[0].GetString()!, ids)
            : throw step.Wrong(name, pair.ValueKind, "an array of a token and its id");
    }

    private static int[] ReadEnds(HuggingFaceConfig generation, int count)
    {
        const string Key = "eos_token_id";
        JsonElement value = generation.Value(Key);
        JsonElement[] items = value.ValueKind switch
        {
            JsonValueKind.Undefined => [],
            JsonValueKind.Array when value.GetArrayLength() <= MaxEnds => [.. value.EnumerateArray()],
            JsonValueKind.Array => throw generation.Wrong(Key, $"{value.GetArrayLength()} elements", $"at most {MaxEnds}"),
            _ => [value],
        };
        return [.. items.Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id) && id >= 0 && id < count
            ? id
            : throw generation.Wrong(Key, item, $"ids from 0 to {count - 1}"))];
    }

    private static int Id(HuggingFaceConfig section, string name, string text, Dictionary<string, int> ids) =>
        ids.TryGetValue(text, out int id) ? id : throw section.Wrong(name, text, "a token of the vocabulary");
}
