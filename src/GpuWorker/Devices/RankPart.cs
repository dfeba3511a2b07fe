using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>
/// What one of several devices that share a model has of it: whole key and value heads with their queries, a part of the outputs of gate, up and
/// head, and of the matrices that read those the inputs, in quarters of their sum (<see cref="ChainLayout"/>). The default is everything.
/// </summary>
/// <param name="Rank">Which of the devices, from 0.</param>
/// <param name="Ranks">Devices: 1, 2 or 4; 0 is 1.</param>
internal readonly record struct RankPart(int Rank, int Ranks)
{
    private static readonly int[] RankCounts = [4, 2, 1];

    private int Parts => Math.Max(1, Ranks);

    /// <summary>The inputs of a matrix whose results all devices add up.</summary>
    public InputShare Inputs(int all) => new(all, Rank * ChainLayout.Quarters / Parts, ChainLayout.Quarters / Parts);

    /// <summary>A part of so many heads or tokens.</summary>
    public (int First, int Count) Of(int all)
    {
        int first = (int)((long)all * Rank / Parts);
        return (first, (int)((long)all * (Rank + 1) / Parts) - first);
    }

    /// <summary>The model as the device computes it: with its heads.</summary>
    public ModelConfiguration ModelOf(ModelConfiguration model) => model with { Heads = model.Heads / Parts, KvHeads = model.KvHeads / Parts };

    /// <summary>The tensor of a layer's down projection; of its first expert where every expert has one.</summary>
    public static string DownTensor(ModelFile file, FeedForwardBlock block, string prefix) =>
        block.Experts is null ? prefix + "ffn_down.weight"
        : GraphTensors.HasSingleExperts(file, prefix) ? GraphTensors.SingleExpert(prefix, "ffn_down", 0)
        : prefix + "ffn_down_exps.weight";

    /// <summary>Checks that devices can share a model's layers.</summary>
    /// <param name="file">The model.</param>
    /// <param name="model">Its graph.</param>
    /// <param name="spec">The layers.</param>
    /// <param name="ranks">Devices.</param>
    /// <exception cref="ArgumentException">They cannot; the message says how many can.</exception>
    public static void Check(ModelFile file, ModelConfiguration model, ShardSpec spec, int ranks)
    {
        if (Obstacle(file, model, spec, ranks) is { } obstacle)
        {
            int most = RankCounts.First(fewer => fewer < ranks && Obstacle(file, model, spec, fewer) is null);
            throw new ArgumentException(
                $"Model '{model.Name}' cannot be shared by '{ranks}' devices: {obstacle}; "
                + (most > 1 ? $"'{most}' devices can share it, or give" : "give") + " each device a worker and layers of its own.",
                nameof(ranks));
        }
    }

    // What keeps devices from sharing the model, or null.
    private static string? Obstacle(ModelFile file, ModelConfiguration model, ShardSpec spec, int ranks)
    {
        if (ranks == 1)
        {
            return null;
        }
        if (!RankCounts.Contains(ranks))
        {
            return "sums are shared by 2 or 4";
        }
        if (model.KvHeads % ranks != 0)
        {
            return $"it has '{model.KvHeads}' key and value heads, and each device has the same number of whole ones";
        }
        int heads = model.Heads / ranks * model.HeadSize;
        for (int layer = spec.FirstLayer; layer < spec.LastLayer; layer++)
        {
            string name = GraphTensors.Prefix(layer) + "attn_output.weight";
            WeightForm form = WeightForms.Of(file.GetTensor(name).Type);
            for (int rank = 0; rank < ranks; rank++)
            {
                if (form.Inputs(new RankPart(rank, ranks).Inputs(model.Heads * model.HeadSize)) != (rank * heads, heads))
                {
                    return $"the sum over the inputs of '{name}' ({form}, in units of {form.UnitInputs()}) cannot be cut between heads";
                }
            }
            int size = model.LayerBlocks[layer].FeedForward.Size;
            WeightForm down = WeightForms.Of(file.GetTensor(DownTensor(file, model.LayerBlocks[layer].FeedForward, GraphTensors.Prefix(layer))).Type);
            if (size < ranks * down.UnitInputs())
            {
                return $"its feed-forward layers have '{size}' inputs in units of '{down.UnitInputs()}', and each device needs one";
            }
        }
        return null;
    }
}
