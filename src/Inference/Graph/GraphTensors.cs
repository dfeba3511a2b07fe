using Winnow.Inference.Files;

namespace Winnow.Inference.Graph;

/// <summary>Names and shapes of the tensors that a graph needs, and the check that a file has these and no others.</summary>
internal static class GraphTensors
{
    /// <summary>Embedding rows, V x C.</summary>
    public const string Embedding = "token_embd.weight";

    /// <summary>Norm before the head.</summary>
    public const string FinalNorm = "output_norm.weight";

    /// <summary>Head, V x C; a model without it uses the embedding.</summary>
    public const string Head = "output.weight";

    /// <summary>Bias of the head's logits, V.</summary>
    public const string HeadBias = "output.bias";

    /// <summary>Divisors of the rotation frequencies.</summary>
    public const string RopeFixed = "rope_freqs.weight";

    /// <summary>Divisors for long contexts.</summary>
    public const string RopeLong = "rope_factors_long.weight";

    /// <summary>Divisors for short contexts.</summary>
    public const string RopeShort = "rope_factors_short.weight";

    /// <summary>What stands before the names of a layer's tensors.</summary>
    public static string Prefix(int layer) => $"blk.{layer}.";

    /// <summary>Whether a layer's experts have a tensor each (Hugging Face folders) instead of one for all.</summary>
    public static bool HasSingleExperts(ModelFile file, string prefix) => file.TryGetTensor(SingleExpert(prefix, "ffn_gate", 0), out _);

    /// <summary>Whether a layer's queries, keys and values have one bias for all, which goes with one matrix for all.</summary>
    public static bool HasFusedBias(ModelFile file, string prefix) => file.TryGetTensor(prefix + "attn_qkv.bias", out _);

    /// <summary>The tensor of one expert.</summary>
    public static string SingleExpert(string prefix, string matrix, int expert) => $"{prefix}{matrix}.{expert}.weight";

    /// <summary>The tensor with the divisors of a layer's frequencies when so long a context is served; null when the file has none.</summary>
    public static string? RopeDivisors(ModelFile file, RopeBlock rope, int contextTokens)
    {
        string? name = rope.Factors switch
        {
            RopeFactors.Fixed => RopeFixed,
            RopeFactors.ByContext => contextTokens > rope.OriginalContextTokens ? RopeLong : RopeShort,
            _ => null,
        };
        return name is not null && file.TryGetTensor(name, out _) ? name : null;
    }

    /// <summary>Bytes that a shard's tensors have in the file.</summary>
    public static long FileBytes(ModelFile file, ShardSpec spec)
    {
        long bytes = 0;
        foreach (GgufTensor tensor in file.Tensors)
        {
            bytes += Belongs(tensor.Name, spec) ? tensor.ByteLength : 0;
        }
        return bytes;
    }

    /// <summary>Checks all tensors of a file.</summary>
    /// <exception cref="ModelFileException">One is missing, has another shape, or is not part of the graph.</exception>
    public static void Check(ModelFile file, ModelConfiguration model)
    {
        HashSet<string> known = new(StringComparer.Ordinal);
        foreach (TensorSlot slot in Global(model).Concat(Enumerable.Range(0, model.Layers).SelectMany(layer => OfLayer(file, model, layer))))
        {
            known.Add(slot.Name);
            if (!slot.Optional || file.TryGetTensor(slot.Name, out _))
            {
                RequireShape(file, slot);
            }
        }
        RequirePair(file, RopeLong, RopeShort);

        // A tensor that the graph does not use would silently change the model's meaning.
        foreach (GgufTensor tensor in file.Tensors)
        {
            if (!known.Contains(tensor.Name))
            {
                throw new ModelFileException(
                    file.Path, $"tensor '{tensor.Name}'", "not part of the graph", $"only tensors of architecture {model.Architecture}");
            }
        }
    }

    /// <summary>Tensors of a layer.</summary>
    public static IReadOnlyList<TensorSlot> OfLayer(ModelFile file, ModelConfiguration model, int layer)
    {
        LayerBlock block = model.LayerBlocks[layer];
        List<TensorSlot> slots = [];
        AddAttention(slots, file, model, block, Prefix(layer));
        if (block.FeedForward.Experts is { } experts)
        {
            AddExperts(slots, file, model.ModelSize, block.FeedForward.Size, experts.Count, Prefix(layer));
        }
        else
        {
            AddDense(slots, model.ModelSize, block.FeedForward, Prefix(layer));
        }
        return slots;
    }

    /// <summary>Whether a tensor of the file is one of a shard's.</summary>
    public static bool Belongs(string name, ShardSpec spec)
    {
        if (name.StartsWith("blk.", StringComparison.Ordinal))
        {
            int dot = name.IndexOf('.', 4);
            return dot > 0 && int.TryParse(name.AsSpan(4, dot - 4), out int layer) && layer >= spec.FirstLayer && layer < spec.LastLayer;
        }
        return name switch
        {
            Embedding => spec.HasEmbedding,
            Head or HeadBias or FinalNorm => spec.HasHead,
            _ => false,
        };
    }

    private static List<TensorSlot> Global(ModelConfiguration model)
    {
        List<TensorSlot> slots =
        [
            new(Embedding, model.ModelSize, model.VocabularySize),
            new(FinalNorm, model.ModelSize),
            new(Head, model.ModelSize, model.VocabularySize, Optional: true),
            new(HeadBias, model.VocabularySize, Optional: true),
        ];
        foreach (RopeBlock rope in model.LayerBlocks.Select(block => block.Attention.Rope).Where(rope => rope.Factors != RopeFactors.None))
        {
            string[] names = rope.Factors == RopeFactors.Fixed ? [RopeFixed] : [RopeLong, RopeShort];
            slots.AddRange(names.Select(name => new TensorSlot(name, rope.Dimensions / 2, Optional: true)));
        }
        return slots;
    }

    private static void AddAttention(List<TensorSlot> slots, ModelFile file, ModelConfiguration model, LayerBlock block, string prefix)
    {
        int width = model.ModelSize;
        int queryWidth = model.Heads * model.HeadSize;
        slots.Add(new(prefix + "attn_norm.weight", width));
        AddProjections(slots, file, width, queryWidth, model.KvHeads * model.HeadSize, prefix);
        slots.Add(new(prefix + "attn_output.weight", queryWidth, width));
        slots.Add(new(prefix + "attn_output.bias", width, Optional: true));
        if (block.Attention.HeadNorms)
        {
            slots.Add(new(prefix + "attn_q_norm.weight", model.HeadSize));
            slots.Add(new(prefix + "attn_k_norm.weight", model.HeadSize));
        }
        slots.Add(new(prefix + "ffn_norm.weight", width));
        if (block.PostNorms)
        {
            slots.Add(new(prefix + "post_attention_norm.weight", width));
            slots.Add(new(prefix + "post_ffw_norm.weight", width));
        }
    }

    private static void AddProjections(List<TensorSlot> slots, ModelFile file, int width, int queryWidth, int keyWidth, string prefix)
    {
        bool fused = file.TryGetTensor(prefix + "attn_qkv.weight", out _);
        if (fused)
        {
            slots.Add(new(prefix + "attn_qkv.weight", width, queryWidth + (2 * keyWidth)));
        }
        else
        {
            slots.Add(new(prefix + "attn_q.weight", width, queryWidth));
            slots.Add(new(prefix + "attn_k.weight", width, keyWidth));
            slots.Add(new(prefix + "attn_v.weight", width, keyWidth));
        }
        if (fused && HasFusedBias(file, prefix))
        {
            slots.Add(new(prefix + "attn_qkv.bias", queryWidth + (2 * keyWidth)));
        }
        else
        {
            slots.Add(new(prefix + "attn_q.bias", queryWidth, Optional: true));
            slots.Add(new(prefix + "attn_k.bias", keyWidth, Optional: true));
            slots.Add(new(prefix + "attn_v.bias", keyWidth, Optional: true));
        }
    }

    private static void AddDense(List<TensorSlot> slots, int width, FeedForwardBlock block, string prefix)
    {
        if (!block.FusedGateAndUp)
        {
            slots.Add(new(prefix + "ffn_gate.weight", width, block.Size));
            slots.Add(new(prefix + "ffn_gate.bias", block.Size, Optional: true));
        }
        int upRows = block.FusedGateAndUp ? 2 * block.Size : block.Size;
        slots.Add(new(prefix + "ffn_up.weight", width, upRows));
        slots.Add(new(prefix + "ffn_up.bias", upRows, Optional: true));
        slots.Add(new(prefix + "ffn_down.weight", block.Size, width));
        slots.Add(new(prefix + "ffn_down.bias", width, Optional: true));
    }

    private static void AddExperts(List<TensorSlot> slots, ModelFile file, int width, int size, int experts, string prefix)
    {
        slots.Add(new(prefix + "ffn_gate_inp.weight", width, experts));
        if (HasSingleExperts(file, prefix))
        {
            for (int expert = 0; expert < experts; expert++)
            {
                slots.Add(new(SingleExpert(prefix, "ffn_gate", expert), width, size));
                slots.Add(new(SingleExpert(prefix, "ffn_up", expert), width, size));
                slots.Add(new(SingleExpert(prefix, "ffn_down", expert), size, width));
            }
            return;
        }
        slots.Add(new(prefix + "ffn_gate_exps.weight", width, size, experts));
        slots.Add(new(prefix + "ffn_up_exps.weight", width, size, experts));
        slots.Add(new(prefix + "ffn_down_exps.weight", size, width, experts));
    }

    private static void RequireShape(ModelFile file, TensorSlot slot)
    {
        GgufTensor tensor = file.GetTensor(slot.Name);
        bool fits = slot.Experts == 0
            ? tensor.RowElements == slot.Columns && tensor.RowCount == slot.Rows
            : tensor.Dimensions.SequenceEqual([slot.Columns, slot.Rows, slot.Experts]);
        if (!fits)
        {
            string found = slot.Experts == 0 ? $"{tensor.RowElements} x {tensor.RowCount}" : string.Join(" x ", tensor.Dimensions);
            string expected = slot.Experts == 0 ? $"{slot.Columns} x {slot.Rows}" : $"{slot.Columns} x {slot.Rows} x {slot.Experts}";
            throw new ModelFileException(file.Path, $"tensor '{slot.Name}', shape", found, expected);
        }
    }

    private static void RequirePair(ModelFile file, string first, string second)
    {
        bool hasFirst = file.TryGetTensor(first, out _);
        if (hasFirst != file.TryGetTensor(second, out _))
        {
            (string has, string lacks) = hasFirst ? (first, second) : (second, first);
            throw new ModelFileException(file.Path, $"tensor '{lacks}'", "missing", $"a tensor of that name beside '{has}'");
        }
    }
}
