namespace Winnow.Inference.Files.HuggingFace;

/// <summary>
/// What config.json says of rotary position embedding, in GGUF's terms: the base and <c>rope_scaling</c> (or <c>rope_parameters</c>, its
/// newer form) of types linear, llama3, yarn and longrope. Formulas: transformers' modeling_rope_utils.
/// </summary>
internal static class HuggingFaceRope
{
    private const double DefaultBase = 10000;
    private const int MaxPairs = 512;

    /// <summary>Writes base and scaling.</summary>
    public static void Describe(HuggingFaceConfig config, HuggingFaceFamily family, GgufMetadataBuilder metadata)
    {
        string prefix = $"{family.Architecture}.rope.";
        metadata.Set($"{prefix}dimension_count", Dimensions(config, family));
        metadata.Set($"{prefix}freq_base", (float)Base(config, family));
        HuggingFaceConfig? scaling = Scaling(config);
        switch (TypeOf(scaling))
        {
            case "default" or "llama3":
                return;
            case "linear":
                metadata.Set($"{prefix}scaling.type", "linear");
                metadata.Set($"{prefix}scaling.factor", Factor(scaling!));
                return;
            case "yarn":
                DescribeYarn(config, scaling!, prefix, metadata);
                return;
            case "longrope" or "su":
                metadata.Set($"{prefix}scaling.type", "longrope");
                metadata.Set($"{prefix}scaling.original_context_length", OriginalContext(config, scaling!));
                metadata.Set($"{prefix}scaling.attn_factor", (float)LongAttentionFactor(config, scaling!));
                return;
            case { } other:
                throw scaling!.Wrong("rope_type", other, "default, linear, llama3, yarn or longrope");
        }
    }

    /// <summary>Divisors of frequencies that GGUF keeps as tensors.</summary>
    public static IEnumerable<(string Name, float[] Factors)> Factors(HuggingFaceConfig config, HuggingFaceFamily family)
    {
        HuggingFaceConfig? scaling = Scaling(config);
        int pairs = (int)(Dimensions(config, family) / 2);
        return TypeOf(scaling) switch
        {
            "llama3" => [("rope_freqs.weight", Llama3Factors(config, family, scaling!, pairs))],
            "longrope" or "su" =>
            [
                ("rope_factors_long.weight", scaling!.Numbers("long_factor", pairs)),
                ("rope_factors_short.weight", scaling.Numbers("short_factor", pairs)),
            ],
            _ => [],
        };
    }

    private static HuggingFaceConfig? Scaling(HuggingFaceConfig config)
    {
        HuggingFaceConfig? parameters = config.Section("rope_parameters");
        return parameters?.Section("full_attention") ?? parameters ?? config.Section("rope_scaling");
    }

    private static string TypeOf(HuggingFaceConfig? scaling) => scaling?.Text("rope_type") ?? scaling?.Text("type") ?? "default";

    private static double Base(HuggingFaceConfig config, HuggingFaceFamily family) =>
        Scaling(config) is { } scaling && scaling.Has("rope_theta")
            ? scaling.Number("rope_theta", least: 1, most: 1e12)
            : config.Number("rope_theta", family.Defaults.RopeBase ?? DefaultBase, 1, 1e12);

    private static uint Dimensions(HuggingFaceConfig config, HuggingFaceFamily family)
    {
        uint head = family.HeadSize(config);
        double share = Scaling(config) is { } scaling && scaling.Has("partial_rotary_factor")
            ? scaling.Number("partial_rotary_factor", most: 1)
            : config.Number("partial_rotary_factor", 1, most: 1);
        uint dimensions = (uint)(head * share);
        return dimensions is >= 2 and <= 2 * MaxPairs && dimensions % 2 == 0
            ? dimensions
            : throw config.Wrong("partial_rotary_factor", share, $"a share of the head's {head} elements that is even and from 2 to {2 * MaxPairs}");
    }

    private static float Factor(HuggingFaceConfig scaling) => (float)scaling.Number("factor", least: 1, most: 1e6);

    private static uint OriginalContext(HuggingFaceConfig config, HuggingFaceConfig scaling) => scaling.Has("original_max_position_embeddings")
        ? scaling.Integer("original_max_position_embeddings")
        : config.Integer("original_max_position_embeddings", config.Integer("max_position_embeddings"));

    private static void DescribeYarn(HuggingFaceConfig config, HuggingFaceConfig scaling, string prefix, GgufMetadataBuilder metadata)
    {
        float factor = Factor(scaling);
        metadata.Set($"{prefix}scaling.type", "yarn");
        metadata.Set($"{prefix}scaling.factor", factor);
        metadata.Set($"{prefix}scaling.original_context_length", OriginalContext(config, scaling));
        RequireUsual(scaling, "attention_factor", 1 + (0.1 * Math.Log(factor)));
        RequireUsual(scaling, "beta_fast", 32);
        RequireUsual(scaling, "beta_slow", 1);
    }

    // The paper's values, which GGUF's readers have for these architectures.
    private static void RequireUsual(HuggingFaceConfig scaling, string name, double usual)
    {
        double found = scaling.Number(name, usual);
        if (Math.Abs(found - usual) > 1e-4)
        {
            throw scaling.Wrong(name, found, FormattableString.Invariant($"{usual}, or none"));
        }
    }

    private static double LongAttentionFactor(HuggingFaceConfig config, HuggingFaceConfig scaling)
    {
        double original = OriginalContext(config, scaling);
        double factor = config.Integer("max_position_embeddings") / original;
        return scaling.Number("attention_factor", factor <= 1 || original <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(original))), most: 1e6);
    }

    private static float[] Llama3Factors(HuggingFaceConfig config, HuggingFaceFamily family, HuggingFaceConfig scaling, int pairs)
    {
        double factor = Factor(scaling);
        double low = scaling.Number("low_freq_factor", 1, 1e-3, 1e6);
        double high = scaling.Number("high_freq_factor", 4, 1e-3, 1e6);
        if (high <= low)
        {
            throw scaling.Wrong("high_freq_factor", high, FormattableString.Invariant($"more than 'low_freq_factor' {low}"));
        }
        double original = scaling.Integer("original_max_position_embeddings", 8192);
        double rope = Base(config, family);
        float[] factors = new float[pairs];
        for (int i = 0; i < pairs; i++)
        {
            double turns = original / (2 * Math.PI * Math.Pow(rope, (double)i / pairs));
            double smooth = Math.Clamp((turns - low) / (high - low), 0, 1);
            factors[i] = (float)(1 / (((1 - smooth) / factor) + smooth));
        }
        return factors;
    }
}
