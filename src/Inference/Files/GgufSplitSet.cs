using System.Globalization;
using System.Text.RegularExpressions;

namespace Winnow.Inference.Files;

/// <summary>
/// A GGUF model cut into files <c>NAME-00001-of-0000N.gguf</c>, as llama.cpp's gguf-split writes them: every part has <c>split.no</c>
/// (from 0), <c>split.count</c> and <c>split.tensors.count</c> (of the whole set); the first also has the model's metadata.
/// </summary>
internal static partial class GgufSplitSet
{
    private const string NumberKey = "split.no";
    private const string CountKey = "split.count";
    private const string TensorCountKey = "split.tensors.count";
    private const string TensorCountField = $"metadata '{TensorCountKey}'";
    private const int MaxParts = 999;

    /// <summary>Whether a file says that it is one of several.</summary>
    public static bool IsPart(GgufPart file) => file.Metadata.TryGetUInt32(CountKey, out uint count) && count > 1;

    /// <summary>Opens the other parts and puts all together; whoever opened <paramref name="asked"/> frees it when this fails.</summary>
    /// <exception cref="ModelFileException">A part is missing, there twice, of another set, or says something else than the first.</exception>
    public static ModelFileContents Read(GgufPart asked, IModelSource? source)
    {
        uint count = asked.Metadata.GetUInt32(CountKey);
        if (count > MaxParts)
        {
            throw new ModelFileException(asked.Path, $"metadata '{CountKey}'", count, $"at most {MaxParts} parts");
        }
        string stem = StemOf(asked, count, out int number);
        CheckNumber(asked, number);
        GgufPart[] parts = new GgufPart[count];
        parts[number] = asked;
        try
        {
            for (int i = 0; i < parts.Length; i++)
            {
                parts[i] ??= Open(stem, i, (int)count, source);
                CheckPart(parts[0], parts[i], i);
            }
            return new ModelFileContents
            {
                Format = ModelFileFormat.Gguf,
                Version = parts[0].Version,
                Parts = [.. parts.Select(part => part.Mapped)],
                Metadata = parts[0].Metadata,
                Tensors = Merge(parts),
            };
        }
        catch
        {
            foreach (GgufPart? part in parts)
            {
                part?.Mapped.Dispose();
            }
            throw;
        }
    }

    private static string StemOf(GgufPart asked, uint count, out int number)
    {
        Match name = PartName().Match(asked.Path);
        number = name.Success ? int.Parse(name.Groups[2].ValueSpan, CultureInfo.InvariantCulture) - 1 : -1;
        return name.Success && number >= 0 && number < count && uint.Parse(name.Groups[3].ValueSpan, CultureInfo.InvariantCulture) == count
            ? name.Groups[1].Value
            : throw new ModelFileException(asked.Path, "file name", Path.GetFileName(asked.Path),
                string.Create(CultureInfo.InvariantCulture, $"NAME-00001-of-{count:D5}.gguf or another of the {count} parts that '{CountKey}' says there are"));
    }

    private static GgufPart Open(string stem, int index, int count, IModelSource? source)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"{stem}-{index + 1:D5}-of-{count:D5}.gguf");
        return File.Exists(path)
            ? GgufPart.Open(path, source)
            : throw new ModelFileException(path, $"part {index + 1} of {count}", "missing", "all parts of the model in one folder");
    }

    private static void CheckNumber(GgufPart part, int number)
    {
        uint found = part.Metadata.GetUInt32(NumberKey);
        if (found != number)
        {
            throw new ModelFileException(part.Path, $"metadata '{NumberKey}'", found, $"{number}, which its file name says (is a part there twice under another name?)");
        }
    }

    // Later parts repeat little of the first one's metadata; what they repeat must be the same, or they are of another model.
    private static void CheckPart(GgufPart first, GgufPart part, int number)
    {
        CheckNumber(part, number);
        foreach (string key in part.Metadata.Keys.Where(key => key != NumberKey))
        {
            bool isShared = first.Metadata.TryGet(key, out GgufValue? expected);
            if (isShared && part.Metadata.TryGet(key, out GgufValue? found) && !found.HasSameValue(expected!))
            {
                throw new ModelFileException(part.Path, $"metadata '{key}'", found.ForMessages, $"{expected!.ForMessages} as in part 1, '{first.Path}'");
            }
        }
        foreach (string key in new[] { CountKey, TensorCountKey })
        {
            part.Metadata.GetUInt32(key);
        }
    }

    private static List<GgufTensor> Merge(GgufPart[] parts)
    {
        List<GgufTensor> tensors = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < parts.Length; i++)
        {
            foreach (GgufTensor tensor in parts[i].Tensors)
            {
                tensors.Add(names.Add(tensor.Name)
                    ? tensor with { Part = i }
                    : throw new ModelFileException(parts[i].Path, "tensor name", tensor.Name, "every name once in all parts, and an earlier part has this one"));
            }
        }
        uint declared = parts[0].Metadata.GetUInt32(TensorCountKey);
        return tensors.Count == declared
            ? tensors
            : throw new ModelFileException(parts[0].Path, TensorCountField, declared, $"the {tensors.Count} tensors that the {parts.Length} parts hold");
    }

    [GeneratedRegex(@"^(.*)-(\d{5})-of-(\d{5})\.gguf$", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex PartName();
}
