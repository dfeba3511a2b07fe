using Winnow.Inference.Files;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Graph;

/// <summary>Reads <see cref="RopeBlock"/>s from the <c>rope.</c> keys, as llama.cpp understands them.</summary>
internal static class RopeReader
{
    private const float MostFactor = 1e6f;

    // llama.cpp's values; of the architectures that Winnow knows it reads none of them from the file.
    private static readonly YarnScaling Yarn = new(BetaFast: 32, BetaSlow: 1);

    /// <summary>Reads the model's rotary positions.</summary>
    /// <param name="fields">The file's fields.</param>
    /// <param name="model">The sizes.</param>
    /// <param name="style">Pairing in GGUF files.</param>
    /// <param name="factors">Divisors that the architecture knows.</param>
    public static RopeBlock Read(ModelFields fields, ModelConfiguration model, RopeStyle style, RopeFactors factors = RopeFactors.None)
    {
        string kind = fields.Has("rope.scaling.type") ? fields.Text("rope.scaling.type") : "linear";
        if (kind is not ("none" or "linear" or "yarn" or "longrope"))
        {
            throw fields.Wrong("rope.scaling.type", kind, "none, linear, yarn or longrope");
        }
        float factor = ReadFactor(fields, kind);
        float magnitude = fields.Number("rope.scaling.attn_factor", 1, 1e-3f, 1e3f);
        return new RopeBlock
        {
            // A folder's query and key rows are in their original order, which llama.cpp's converter changes for some architectures.
            Style = fields.File.Format == ModelFileFormat.Safetensors ? RopeStyle.Halves : style,
            Dimensions = ReadDimensions(fields, model.HeadSize),
            Base = fields.Number("rope.freq_base", 10000, kind == "yarn" ? 2 : 1, 1e12f),
            Factor = factor,
            Yarn = kind == "yarn" ? Yarn : null,
            Magnitude = kind == "yarn" ? magnitude * YarnMagnitude(factor) : magnitude,
            Factors = factors == RopeFactors.Fixed && kind == "longrope" ? RopeFactors.ByContext : factors,
            OriginalContextTokens = fields.Integer("rope.scaling.original_context_length", model.ContextTokens, 1, int.MaxValue),
        };
    }

    private static float ReadFactor(ModelFields fields, string kind)
    {
        float factor = fields.Has("rope.scaling.factor")
            ? fields.Number("rope.scaling.factor", 0, MostFactor)
            : fields.Number("rope.scale_linear", 0, 0, MostFactor);
        return kind == "none" || factor == 0 ? 1 : factor;
    }

    // The paper's temperature: sqrt(1 / t) = 0.1 ln(factor) + 1 on queries and keys.
    private static float YarnMagnitude(float factor) => factor <= 1 ? 1 : (float)((0.1 * PortableMath.Log(factor)) + 1);

    private static int ReadDimensions(ModelFields fields, int headSize)
    {
        int dimensions = fields.Integer("rope.dimension_count", headSize, 2, headSize);
        return dimensions % 2 == 0
            ? dimensions
            : throw fields.Wrong("rope.dimension_count", dimensions, $"an even number up to the head size {headSize}");
    }
}
