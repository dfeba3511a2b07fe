using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Tests.Cpu;

namespace Winnow.Inference.Tests.Graph;

/// <summary>An independent forward pass in doubles: no cache, no blocks, every key and value computed anew, weights decoded to doubles.</summary>
internal sealed class NaiveLlama(ModelFile file, ModelConfiguration model)
{
    private readonly Dictionary<string, double[][]> _matrices = [];

    /// <summary>Logits after the last token.</summary>
    public double[] Logits(int[] tokens)
    {
        double[][] states = [.. tokens.Select(token => (double[])Matrix("token_embd.weight")[token].Clone())];
        for (int layer = 0; layer < model.Layers; layer++)
        {
            RunLayer(states, $"blk.{layer}.");
        }
        string head = model.TiedEmbeddings ? "token_embd.weight" : "output.weight";
        return Multiply(head, Norm(states[^1], "output_norm.weight"));
    }

    private void RunLayer(double[][] states, string prefix)
    {
        double[][] normed = [.. states.Select(state => Norm(state, prefix + "attn_norm.weight"))];
        double[][] keys = [.. normed.Select((x, position) => Rotate(Multiply(prefix + "attn_k.weight", x), position))];
        double[][] values = [.. normed.Select(x => Multiply(prefix + "attn_v.weight", x))];
        for (int t = 0; t < states.Length; t++)
        {
            double[] query = Rotate(Multiply(prefix + "attn_q.weight", normed[t]), t);
            Add(states[t], Multiply(prefix + "attn_output.weight", Attend(query, keys, values, t)));
        }
        foreach (double[] state in states)
        {
            double[] x = Norm(state, prefix + "ffn_norm.weight");
            double[] up = Multiply(prefix + "ffn_up.weight", x);
            double[] gate = [.. Multiply(prefix + "ffn_gate.weight", x).Select((g, i) => g / (1 + Math.Exp(-g)) * up[i])];
            Add(state, Multiply(prefix + "ffn_down.weight", gate));
        }
    }

    private double[] Attend(double[] query, double[][] keys, double[][] values, int t)
    {
        int size = model.HeadSize;
        double[] result = new double[query.Length];
        for (int head = 0; head < model.Heads; head++)
        {
            int kv = head / (model.Heads / model.KvHeads) * size;
            double[] weights = new double[t + 1];
            for (int j = 0; j <= t; j++)
            {
                double score = 0;
                for (int d = 0; d < size; d++)
                {
                    score += query[(head * size) + d] * keys[j][kv + d];
                }
                weights[j] = Math.Exp(score / Math.Sqrt(size));
            }
            for (int d = 0; d < size; d++)
            {
                result[(head * size) + d] = weights.Select((weight, j) => weight / weights.Sum() * values[j][kv + d]).Sum();
            }
        }
        return result;
    }

    private double[] Rotate(double[] heads, int position)
    {
        for (int start = 0; start < heads.Length; start += model.HeadSize)
        {
            for (int i = 0; i < model.LayerBlocks[0].Attention.Rope.Dimensions; i += 2)
            {
                double angle = position * Math.Pow(model.LayerBlocks[0].Attention.Rope.Base, -(double)i / model.LayerBlocks[0].Attention.Rope.Dimensions);
                (double x, double y) = (heads[start + i], heads[start + i + 1]);
                heads[start + i] = (x * Math.Cos(angle)) - (y * Math.Sin(angle));
                heads[start + i + 1] = (x * Math.Sin(angle)) + (y * Math.Cos(angle));
            }
        }
        return heads;
    }

    private double[] Norm(double[] x, string name)
    {
        double scale = 1 / Math.Sqrt(x.Average(v => v * v) + model.NormEpsilon);
        return [.. x.Select((v, i) => v * scale * Matrix(name)[0][i])];
    }

    private double[] Multiply(string name, double[] x)
    {
        GgmlType type = file.GetTensor(name).Type;
        double[] input = type switch
        {
            GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 => x,
            _ when type.BlockElements() == 32 => RoundTo8Bits(x, 32, scale => (double)(Half)scale),
            _ => RoundTo8Bits(x, 256, scale => scale),
        };
        return [.. Matrix(name).Select(row => row.Zip(input, (w, v) => w * v).Sum())];
    }

    private static double[] RoundTo8Bits(double[] x, int size, Func<double, double> rounded) => [.. x.Chunk(size).SelectMany(block =>
    {
        double scale = block.Max(Math.Abs) / 127;
        return block.Select(v => scale == 0 ? 0 : Math.Round(v / scale) * rounded(scale));
    })];

    private static void Add(double[] sum, double[] term)
    {
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i] += term[i];
        }
    }

    private double[][] Matrix(string name)
    {
        if (!_matrices.TryGetValue(name, out double[][]? matrix))
        {
            GgufTensor tensor = file.GetTensor(name);
            byte[] data = file.GetData(tensor).ToArray();
            _matrices[name] = matrix = [.. data.Chunk((int)tensor.RowBytes).Select(row => WeightDecoder.Row(tensor.Type, row))];
        }
        return matrix;
    }
}
