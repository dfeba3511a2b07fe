using Winnow.Inference.Files;

namespace Winnow.Inference.Tests.Graph;

/// <summary>
/// An independent forward pass in doubles, written from the models' papers: no cache, no blocks, every key and value computed anew. It reads the
/// file's metadata itself, so that a field that production code reads wrongly is noticed.
/// </summary>
internal sealed class NaiveModel
{
    private readonly ModelFile _file;
    private readonly NaiveWeights _weights;
    private readonly string _architecture;
    private readonly int _layers;
    private readonly int _heads;
    private readonly int _kvHeads;
    private readonly int _headSize;
    private readonly double _epsilon;
    private readonly NaiveRope _rope;
    private readonly NaiveRope _localRope;

    public NaiveModel(ModelFile file)
    {
        _file = file;
        _weights = new NaiveWeights(file);
        _architecture = file.Metadata.GetString("general.architecture");
        _layers = Integer("block_count", 0);
        _heads = Integer("attention.head_count", 0);
        _kvHeads = Integer("attention.head_count_kv", _heads);
        _headSize = Integer("attention.key_length", Integer("embedding_length", 0) / _heads);
        _epsilon = Number("attention.layer_norm_rms_epsilon", 0);
        _rope = new NaiveRope(file, _weights, _headSize, local: false);
        _localRope = new NaiveRope(file, _weights, _headSize, local: true);
    }

    private bool IsGemma => _architecture is "gemma2" or "gemma3";

    /// <summary>Logits after the last token.</summary>
    public double[] Logits(int[] tokens)
    {
        double scale = IsGemma ? Math.Sqrt(Integer("embedding_length", 0)) : 1;
        double[][] states = [.. tokens.Select(token => _weights.Rows("token_embd.weight")[token].Select(v => v * scale).ToArray())];
        for (int layer = 0; layer < _layers; layer++)
        {
            Attend(states, layer);
            foreach (double[] state in states)
            {
                double[] result = FeedForward(Norm(state, $"blk.{layer}.ffn_norm.weight"), $"blk.{layer}.");
                Add(state, IsGemma ? Norm(result, $"blk.{layer}.post_ffw_norm.weight") : result);
            }
        }
        string head = _weights.Has("output.weight") ? "output" : "token_embd";
        double[] logits = _weights.Multiply(head, Norm(states[^1], "output_norm.weight"));
        double cap = Number("final_logit_softcapping", _architecture == "gemma2" ? 30 : 0);
        return cap == 0 ? logits : [.. logits.Select(logit => cap * Math.Tanh(logit / cap))];
    }

    private void Attend(double[][] states, int layer)
    {
        string prefix = $"blk.{layer}.";
        bool local = HasWindow(layer);
        (int queryWidth, int keyWidth) = (_heads * _headSize, _kvHeads * _headSize);
        double[][] normed = [.. states.Select(state => Norm(state, prefix + "attn_norm.weight"))];
        double[][][] keys = [.. normed.Select((x, t) => Rotated(Project(x, prefix, "k", queryWidth, keyWidth), prefix + "attn_k_norm.weight", t, local))];
        double[][][] values = [.. normed.Select(x => Heads(Project(x, prefix, "v", queryWidth + keyWidth, keyWidth)))];
        for (int t = 0; t < states.Length; t++)
        {
            double[][] queries = Rotated(Project(normed[t], prefix, "q", 0, queryWidth), prefix + "attn_q_norm.weight", t, local);
            int first = local ? Math.Max(0, t - Integer("attention.sliding_window", 4096) + 1) : 0;
            double[] mixed = [.. queries.SelectMany((query, head) => Mix(query, head / (_heads / _kvHeads), keys, values, first, t))];
            double[] result = _weights.Multiply(prefix + "attn_output", mixed);
            Add(states[t], IsGemma ? Norm(result, prefix + "post_attention_norm.weight") : result);
        }
    }

    // Gemma 2: every other layer has a window, from the first on; Gemma 3: five of six, unless the file says which.
    private bool HasWindow(int layer) => _architecture switch
    {
        "gemma2" => layer % 2 == 0,
        "gemma3" when _file.Metadata.TryGet("gemma3.attention.sliding_window_pattern", out GgufValue? value) => ((bool[])value.Value)[layer],
        "gemma3" => layer % 6 != 5,
        _ => false,
    };

    private double[] Project(double[] x, string prefix, string part, int row, int rows) => _weights.Has(prefix + "attn_qkv.weight")
        ? _weights.Multiply(prefix + "attn_qkv", x, row, rows)
        : _weights.Multiply($"{prefix}attn_{part}", x);

    private double[][] Heads(double[] x) => [.. x.Chunk(_headSize)];

    private double[][] Rotated(double[] x, string norm, int position, bool local) =>
        [.. Heads(x).Select(head => (local ? _localRope : _rope).Rotate(_weights.Has(norm) ? Norm(head, norm) : head, position))];

    private double[] Mix(double[] query, int kv, double[][][] keys, double[][][] values, int first, int last)
    {
        double cap = _architecture == "gemma2" ? Number("attn_logit_softcapping", 50) : 0;
        double[] scores = new double[last - first + 1];
        for (int j = 0; j < scores.Length; j++)
        {
            double score = query.Zip(keys[first + j][kv], (q, k) => q * k).Sum() / Math.Sqrt(_headSize);
            scores[j] = Math.Exp(cap == 0 ? score : cap * Math.Tanh(score / cap));
        }
        double sum = scores.Sum();
        double[] result = new double[_headSize];
        for (int j = 0; j < scores.Length; j++)
        {
            Add(result, [.. values[first + j][kv].Select(value => value * scores[j] / sum)]);
        }
        return result;
    }

    private double[] FeedForward(double[] x, string prefix)
    {
        if (_weights.Has(prefix + "ffn_gate_inp.weight"))
        {
            return Experts(x, prefix);
        }
        if (_architecture == "phi3")
        {
            double[] both = _weights.Multiply(prefix + "ffn_up", x);
            return _weights.Multiply(prefix + "ffn_down", Gate(both[..(both.Length / 2)], both[(both.Length / 2)..]));
        }
        return _weights.Multiply(prefix + "ffn_down", Gate(_weights.Multiply(prefix + "ffn_gate", x), _weights.Multiply(prefix + "ffn_up", x)));
    }

    private double[] Experts(double[] x, string prefix)
    {
        double[] scores = [.. _weights.Multiply(prefix + "ffn_gate_inp", x).Select(Math.Exp)];
        int[] chosen = [.. Enumerable.Range(0, scores.Length).OrderByDescending(expert => scores[expert]).Take(Integer("expert_used_count", 0))];
        double[] result = new double[x.Length];
        foreach (int expert in chosen)
        {
            double[] gated = Gate(Expert(prefix, "ffn_gate", expert, x), Expert(prefix, "ffn_up", expert, x));
            double weight = scores[expert] / chosen.Sum(other => scores[other]);
            Add(result, [.. Expert(prefix, "ffn_down", expert, gated).Select(value => value * weight)]);
        }
        return result;
    }

    private double[] Expert(string prefix, string matrix, int expert, double[] x)
    {
        if (_weights.Has($"{prefix}{matrix}.{expert}.weight"))
        {
            return _weights.Multiply($"{prefix}{matrix}.{expert}", x);
        }
        int rows = _weights.Rows($"{prefix}{matrix}_exps.weight").Length / Integer("expert_count", 0);
        return _weights.Multiply($"{prefix}{matrix}_exps", x, expert * rows, rows);
    }

    private double[] Gate(double[] gate, double[] up) => [.. gate.Zip(up, (g, u) => (IsGemma ? Gelu(g) : g / (1 + Math.Exp(-g))) * u)];

    // As llama.cpp's table: by half floats below 10.
    private static double Gelu(double x)
    {
        if (Math.Abs(x) >= 10)
        {
            return Math.Max(x, 0);
        }
        double half = (double)(Half)(float)x;
        return (double)(Half)(0.5 * half * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (half + (0.044715 * half * half * half)))));
    }

    private double[] Norm(double[] x, string name)
    {
        double scale = 1 / Math.Sqrt(x.Average(v => v * v) + _epsilon);
        return [.. x.Select((v, i) => v * scale * _weights.Vector(name)[i])];
    }

    private static void Add(double[] sum, double[] term)
    {
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i] += term[i];
        }
    }

    private int Integer(string key, int absent) => _file.Metadata.TryGetUInt32($"{_architecture}.{key}", out uint value) ? (int)value : absent;

    private double Number(string key, double absent) => _file.Metadata.TryGetSingle($"{_architecture}.{key}", out float value) ? value : absent;
}
