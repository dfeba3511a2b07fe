using System.Globalization;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Drafting.Exits;

/// <summary>An early exit with random weights for a <see cref="TinyLlama"/>: the first layer and the last norm of another one.</summary>
internal sealed class TinyExit(TinyLlama target, int exitLayer, int feedForward, TemporaryFolder folder)
{
    public const string LayerKey = "kangaroo.exit_layer";

    /// <summary>The adapter's file, to change before it is written.</summary>
    public GgufBuilder Build()
    {
        GgufBuilder builder = new GgufBuilder().Set("general.architecture", "kangaroo").Set(LayerKey, exitLayer);
        CopyOwn(builder, layer: 0);
        return builder;
    }

    /// <summary>The model that drafts: the target's first layers, the adapter's, and the target's head.</summary>
    public GgufBuilder BuildShortModel()
    {
        GgufBuilder builder = target.Build().Without("output_norm.weight").Without("llama.block_count").Set("llama.block_count", (uint)exitLayer + 1);
        using ModelFile whole = ModelFile.Open(target.Write(folder, "whole.gguf"));
        foreach (GgufTensor tensor in whole.Tensors.Where(tensor => LayerOf(tensor.Name) >= exitLayer))
        {
            builder.Without(tensor.Name);
        }
        CopyOwn(builder, exitLayer);
        return builder;
    }

    private void CopyOwn(GgufBuilder builder, int layer)
    {
        using ModelFile donor = ModelFile.Open((target with { Seed = 77, Layers = 1, FeedForwardSize = feedForward }).Write(folder, "donor.gguf"));
        foreach (GgufTensor tensor in donor.Tensors.Where(tensor => LayerOf(tensor.Name) == 0 || tensor.Name == "output_norm.weight"))
        {
            builder.Tensor(tensor.Name.Replace("blk.0.", $"blk.{layer}.", StringComparison.Ordinal), tensor.Type, [.. tensor.Dimensions], donor.GetData(tensor).ToArray());
        }
    }

    private static int LayerOf(string name) =>
        name.StartsWith("blk.", StringComparison.Ordinal) ? int.Parse(name.Split('.')[1], CultureInfo.InvariantCulture) : -1;
}
