using System.Runtime.InteropServices;
using System.Text;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Drafting.Heads;

/// <summary>A head of EAGLE-3's kind with random weights for a <see cref="TinyLlama"/>, and its arithmetic written out plainly.</summary>
internal sealed class TinyHead
{
    public const int Width = 32;
    private const int Heads = 2;
    private const int KvHeads = 1;
    private const int HeadSize = 16;
    private const int FeedForward = 64;
    private readonly Dictionary<string, (int Columns, float[] Values)> _tensors = [];
    private readonly int[] _layers;

    public TinyHead(TinyLlama target, int[] layers, int tokens)
    {
        _layers = layers;
        Random random = new(7);
        Add(random, "fc.weight", layers.Length * target.ModelSize, Width);
        Add(random, "embed_tokens.weight", Width, target.VocabularySize);
        Add(random, "midlayer.self_attn.q_proj.weight", 2 * Width, Heads * HeadSize);
        Add(random, "midlayer.self_attn.k_proj.weight", 2 * Width, KvHeads * HeadSize);
        Add(random, "midlayer.self_attn.v_proj.weight", 2 * Width, KvHeads * HeadSize);
        Add(random, "midlayer.self_attn.o_proj.weight", Heads * HeadSize, Width);
        Add(random, "midlayer.mlp.gate_proj.weight", Width, FeedForward);
        Add(random, "midlayer.mlp.up_proj.weight", Width, FeedForward);
        Add(random, "midlayer.mlp.down_proj.weight", FeedForward, Width);
        Add(random, "lm_head.weight", Width, tokens);
        foreach (string norm in (string[])["midlayer.input_layernorm", "midlayer.hidden_norm", "midlayer.post_attention_layernorm", "norm"])
        {
            _tensors[$"{norm}.weight"] = (Width, [.. Enumerable.Range(0, Width).Select(_ => 0.5f + random.NextSingle())]);
        }
        // Token i of the head is token 2 i of the target.
        _tensors["d2t"] = (tokens, [.. Enumerable.Range(0, tokens).Select(i => (float)i)]);
    }

    public GgufBuilder Build()
    {
        GgufBuilder builder = new GgufBuilder()
            .Set("general.architecture", "eagle3")
            .Set("eagle3.embedding_length", Width)
            .Set("eagle3.attention.head_count", Heads)
            .Set("eagle3.attention.head_count_kv", KvHeads)
            .Set("eagle3.target_layers", _layers);
        foreach ((string name, (int columns, float[] values)) in _tensors)
        {
            long[] shape = values.Length == columns ? [columns] : [columns, values.Length / columns];
            builder.Tensor(name, GgmlType.F32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        }
        return builder;
    }

    /// <summary>The head as it would be published: a folder of config.json and safetensors, ids as I64.</summary>
    public string WriteFolder(TemporaryFolder folder)
    {
        SafetensorsBuilder builder = new();
        foreach ((string name, (int columns, float[] values)) in _tensors)
        {
            long[] shape = values.Length == columns ? [columns] : [values.Length / columns, columns];
            _ = name == "d2t"
                ? builder.Tensor(name, "I64", shape, MemoryMarshal.AsBytes(values.Select(value => (long)value).ToArray().AsSpan()).ToArray())
                : builder.Tensor(name, shape, values);
        }
        Directory.CreateDirectory(folder.File("head"));
        folder.Write("head/config.json", Encoding.UTF8.GetBytes($$"""
            {"architectures":["LlamaForCausalLMEagle3"],"model_type":"llama","hidden_size":{{Width}},"num_attention_heads":{{Heads}},"num_key_value_heads":{{KvHeads}},
             "hidden_act":"silu","tie_word_embeddings":false,"eagle_aux_hidden_state_layer_ids":[{{string.Join(',', _layers)}}]}
            """));
        return Path.GetDirectoryName(folder.Write("head/model.safetensors", builder.ToBytes()))!;
    }

    /// <summary>The likeliest chain after a text, by plain arithmetic in one pass over everything for every guess.</summary>
    /// <param name="features">Hidden states at every position but the last.</param>
    /// <param name="tokens">The text.</param>
    /// <param name="count">Guesses.</param>
    public int[] Guess(IReadOnlyList<float[]> features, IReadOnlyList<int> tokens, int count)
    {
        List<int> path = [];
        while (path.Count < count)
        {
            float[] logits = Logits(features, tokens, path);
            path.Add(2 * Array.IndexOf(logits, logits.Max()));
        }
        return [.. path];
    }

    /// <summary>Logits over the head's own tokens after a text and guesses that follow it.</summary>
    public float[] Logits(IReadOnlyList<float[]> features, IReadOnlyList<int> tokens, IReadOnlyList<int> path)
    {
        List<int> text = [.. tokens];
        List<float[]> hidden = [.. features.Select(states => Product("fc.weight", states))];
        float[] next = Layer(hidden, text);
        foreach (int token in path)
        {
            hidden.Add(next);
            text.Add(token);
            next = Layer(hidden, text);
        }
        return Product("lm_head.weight", Norm("norm.weight", next));
    }

    /// <summary>The layer's output at the last position: row i reads hidden state i beside the embedding of token i + 1.</summary>
    private float[] Layer(List<float[]> hidden, List<int> text)
    {
        List<float[]> joined = [.. hidden.Select((state, i) => Norm("midlayer.input_layernorm.weight", Row("embed_tokens.weight", text[i + 1]))
            .Concat(Norm("midlayer.hidden_norm.weight", state)).ToArray())];
        int last = hidden.Count - 1;
        float[] query = Rotate(Product("midlayer.self_attn.q_proj.weight", joined[last]), Heads, last);
        float[] mixed = new float[Heads * HeadSize];
        for (int head = 0; head < Heads; head++)
        {
            double[] scores = [.. joined.Select((row, i) => Math.Exp(Enumerable.Range(0, HeadSize).Sum(d =>
                (double)query[(head * HeadSize) + d] * Rotate(Product("midlayer.self_attn.k_proj.weight", row), KvHeads, i)[d]) / Math.Sqrt(HeadSize)))];
            for (int i = 0; i < joined.Count; i++)
            {
                float[] value = Product("midlayer.self_attn.v_proj.weight", joined[i]);
                for (int d = 0; d < HeadSize; d++)
                {
                    mixed[(head * HeadSize) + d] += (float)(scores[i] / scores.Sum()) * value[d];
                }
            }
        }
        float[] state = Sum(hidden[last], Product("midlayer.self_attn.o_proj.weight", mixed));
        float[] input = Norm("midlayer.post_attention_layernorm.weight", state);
        float[] gate = Product("midlayer.mlp.gate_proj.weight", input);
        float[] up = Product("midlayer.mlp.up_proj.weight", input);
        return Sum(state, Product("midlayer.mlp.down_proj.weight", [.. gate.Select((x, i) => x / (1 + MathF.Exp(-x)) * up[i])]));
    }

    private void Add(Random random, string name, int columns, int rows) =>
        _tensors[name] = (columns, [.. Enumerable.Range(0, columns * rows).Select(_ => (random.NextSingle() - 0.5f) * 3 / MathF.Sqrt(columns))]);

    private float[] Row(string name, int row) => _tensors[name].Values.AsSpan(row * _tensors[name].Columns, _tensors[name].Columns).ToArray();

    private float[] Product(string name, float[] input) =>
        [.. Enumerable.Range(0, _tensors[name].Values.Length / _tensors[name].Columns).Select(row => (float)Row(name, row).Zip(input, (a, b) => (double)a * b).Sum())];

    private float[] Norm(string name, float[] input)
    {
        double scale = 1 / Math.Sqrt(input.Average(x => (double)x * x) + 1e-5);
        return [.. input.Zip(_tensors[name].Values, (x, weight) => (float)(x * scale) * weight)];
    }

    private static float[] Sum(float[] left, float[] right) => [.. left.Zip(right, (a, b) => a + b)];

    private static float[] Rotate(float[] heads, int count, int position)
    {
        float[] turned = [.. heads];
        for (int i = 0; i < count * HeadSize / 2; i++)
        {
            int at = (i / (HeadSize / 2) * HeadSize) + (i % (HeadSize / 2));
            double angle = position * Math.Pow(10000, -(i % (HeadSize / 2)) / (HeadSize / 2.0));
            turned[at] = (float)((heads[at] * Math.Cos(angle)) - (heads[at + (HeadSize / 2)] * Math.Sin(angle)));
            turned[at + (HeadSize / 2)] = (float)((heads[at + (HeadSize / 2)] * Math.Cos(angle)) + (heads[at] * Math.Sin(angle)));
        }
        return turned;
    }
}
