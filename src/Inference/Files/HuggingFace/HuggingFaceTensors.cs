using System.Runtime.InteropServices;

namespace Winnow.Inference.Files.HuggingFace;

/// <summary>
/// Gives a folder's tensors GGUF's names. Matrices stay in the mapped files; vectors and expert routers become F32, as in GGUF, and
/// what the graph needs and no file holds is computed.
/// </summary>
internal sealed class HuggingFaceTensors(HuggingFaceFamily family, HuggingFaceConfig whole, HuggingFaceConfig config, List<ModelFilePart> parts)
{
    private const int MaxVectorElements = 1 << 20;
    private const long ComputedAllowance = 32L << 20;
    private const long Alignment = 64;
    private const string RouterName = "ffn_gate_inp.weight";
    private const string ToTargetName = "d2t";
    private readonly List<GgufTensor> _tensors = [];
    private readonly List<Computed> _computed = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly string _headName = family.Name("lm_head.weight") ?? "output.weight";

    /// <summary>Takes in the tensors of the weight files.</summary>
    /// <exception cref="ModelFileException">A tensor is of no use to the family's graph, or of a type or shape that it cannot have.</exception>
    public void Map(IReadOnlyList<(SafetensorsEntry Entry, int Part)> entries)
    {
        bool? tied = config.Bool("tie_word_embeddings") ?? whole.Bool("tie_word_embeddings");
        foreach ((SafetensorsEntry entry, int part) in entries)
        {
            string path = parts[part].Path;
            if (family.IsUnused(entry.Name))
            {
                continue;
            }
            string name = family.Name(entry.Name)
                ?? throw new ModelFileException(path, $"tensor '{entry.Name}'", "not part of the graph", $"the tensors of a {family.Architecture} model");
            if (tied == true && name == _headName)
            {
                continue;
            }
            if (!_names.Add(name))
            {
                throw new ModelFileException(path, "tensor name", entry.Name, $"one tensor for '{name}', and another one is there");
            }
            Add(path, part, entry, name);
        }
        if (tied == false && !_names.Contains(_headName))
        {
            throw new ModelFileException(parts[^1].Path, "tensor 'lm_head.weight'", "missing", "a head, as 'tie_word_embeddings' is false");
        }
    }

    /// <summary>All tensors; computes those that need it.</summary>
    public IReadOnlyList<GgufTensor> Complete()
    {
        foreach ((string name, float[] factors) in HuggingFaceRope.Factors(config, family))
        {
            _computed.Add(new Computed(name, [factors.Length], sizeof(float) * factors.Length, span => factors.CopyTo(span)));
        }
        long bytes = _computed.Sum(tensor => Padded(tensor.Bytes));
        long most = parts.Sum(part => part.ByteLength) + ComputedAllowance;
        if (bytes > most)
        {
            throw new ModelFileException(whole.Path, "vectors", $"{bytes} bytes in F32", $"at most {most}");
        }
        if (bytes > 0)
        {
            Compute(bytes);
        }
        return _tensors;
    }

    private static long Padded(long bytes) => (bytes + Alignment - 1) & -Alignment;

    private static float FromBrain(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private void Add(string path, int part, SafetensorsEntry entry, string name)
    {
        GgmlType type = entry.Type switch
        {
            "F32" => GgmlType.F32,
            "F16" => GgmlType.F16,
            "BF16" => GgmlType.BF16,
            "I64" when name == ToTargetName => GgmlType.I64,
            _ => throw new ModelFileException(path, $"tensor '{entry.Name}', dtype", entry.Type, "F32, F16 or BF16"),
        };
        if (entry.Shape.Length is < 1 or > 2 || entry.Shape.Contains(0))
        {
            throw new ModelFileException(path, $"tensor '{entry.Name}', shape", string.Join('x', entry.Shape), "a vector or a matrix with sizes from 1");
        }
        long[] dimensions = [.. entry.Shape.Reverse()];
        float offset = family.NormOffset(name);
        bool isVector = dimensions.Length == 1 || name.EndsWith(RouterName, StringComparison.Ordinal);
        if (!isVector || type == GgmlType.I64 || (type == GgmlType.F32 && offset == 0))
        {
            _tensors.Add(new GgufTensor(name, type, dimensions, entry.Offset, entry.ByteLength, part));
            return;
        }
        long elements = dimensions.Aggregate(1L, (product, size) => product * size);
        if (elements > MaxVectorElements)
        {
            throw new ModelFileException(path, $"tensor '{entry.Name}', elements", elements, $"at most {MaxVectorElements}");
        }
        ModelFilePart source = parts[part];
        _computed.Add(new Computed(name, dimensions, sizeof(float) * elements,
            span => Convert(source.Slice(entry.Offset, (int)entry.ByteLength), type, offset, span)));
    }

    private static void Convert(ReadOnlySpan<byte> source, GgmlType type, float offset, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = offset + type switch
            {
                GgmlType.F32 => MemoryMarshal.Read<float>(source[(i * sizeof(float))..]),
                GgmlType.F16 => (float)MemoryMarshal.Read<Half>(source[(i * sizeof(ushort))..]),
                _ => FromBrain(MemoryMarshal.Read<ushort>(source[(i * sizeof(ushort))..])),
            };
        }
    }

    private unsafe void Compute(long bytes)
    {
        ModelFilePart part = ModelFilePart.Computed(whole.Path, bytes);
        parts.Add(part);
        long at = 0;
        foreach (Computed tensor in _computed)
        {
            tensor.Fill(new Span<float>(part.Start + at, (int)(tensor.Bytes / sizeof(float))));
            _tensors.Add(new GgufTensor(tensor.Name, GgmlType.F32, tensor.Dimensions, at, tensor.Bytes, parts.Count - 1));
            at += Padded(tensor.Bytes);
        }
    }

    private delegate void Filler(Span<float> target);

    private sealed record Computed(string Name, long[] Dimensions, long Bytes, Filler Fill);
}
