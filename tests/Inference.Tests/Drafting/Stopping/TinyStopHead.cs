using System.Runtime.InteropServices;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Drafting.Stopping;

/// <summary>A stop head with random weights, and its arithmetic written out plainly.</summary>
internal sealed class TinyStopHead
{
    public const int Width = 11;
    public const int Blocks = 2;
    private readonly int _size;

    public TinyStopHead(int size)
    {
        _size = size;
        Random random = new(9);
        Add(random, "norm.weight", size, 0);
        Add(random, "hidden.weight", size, Width);
        Add(random, "hidden.bias", Width, 0);
        Add(random, "sure.weight", 3, Width);
        for (int block = 0; block < Blocks; block++)
        {
            Add(random, $"blk.{block}.weight", Width, Width);
            Add(random, $"blk.{block}.bias", Width, 0);
        }
        Add(random, "output.weight", Width, 0);
        Add(random, "output.bias", 1, 0);
    }

    public Dictionary<string, (int Columns, int Rows, float[] Values)> Tensors { get; } = [];

    public Dictionary<string, object> Keys { get; } = [];

    public GgufBuilder Build(ModelFile draft)
    {
        Dictionary<string, object> keys = new()
        {
            ["general.architecture"] = "stop_head",
            ["stop_head.embedding_length"] = _size,
            ["stop_head.width"] = Width,
            ["stop_head.block_count"] = Blocks,
            ["stop_head.vocabulary_size"] = new TinyLlama().VocabularySize,
            ["stop_head.draft_hashes"] = new[] { "0123", draft.ContentHash },
        };
        GgufBuilder builder = new();
        foreach ((string key, object value) in keys)
        {
            builder.Set(key, Keys.GetValueOrDefault(key, value));
        }
        foreach ((string key, object value) in Keys.Where(pair => !keys.ContainsKey(pair.Key)))
        {
            builder.Set(key, value);
        }
        foreach ((string name, (int columns, int rows, float[] values)) in Tensors)
        {
            builder.Tensor(name, GgmlType.F32, rows == 0 ? [columns] : [columns, rows], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        }
        return builder;
    }

    public double Chance(ReadOnlySpan<float> hidden, double probability, double lead)
    {
        double squares = 0;
        foreach (float value in hidden)
        {
            squares += (double)value * value;
        }
        double[] normed = new double[_size];
        for (int i = 0; i < _size; i++)
        {
            normed[i] = hidden[i] / Math.Sqrt((squares / _size) + 1e-5) * Tensors["norm.weight"].Values[i];
        }
        double[] sure = Product("sure.weight", [Math.Max(Math.Log(probability), -12) / 4, Math.Min(lead, 12) / 4, Math.Log(1 + Math.Min(lead, 30))]);
        double[] state = [.. Product("hidden.weight", normed).Zip(Tensors["hidden.bias"].Values, (product, bias) => product + bias).Zip(sure, (a, b) => a + b)];
        for (int block = 0; block < Blocks; block++)
        {
            double[] change = [.. Product($"blk.{block}.weight", state).Zip(Tensors[$"blk.{block}.bias"].Values, (product, bias) => product + bias)];
            state = [.. state.Zip(change, (value, inner) => value + (inner / (1 + Math.Exp(-inner))))];
        }
        return 1 / (1 + Math.Exp(-(Product("output.weight", state)[0] + Tensors["output.bias"].Values[0])));
    }

    private double[] Product(string name, double[] input)
    {
        float[] weights = Tensors[name].Values;
        return [.. Enumerable.Range(0, weights.Length / input.Length).Select(row => Enumerable.Range(0, input.Length).Sum(column => input[column] * weights[(row * input.Length) + column]))];
    }

    private void Add(Random random, string name, int columns, int rows) =>
        Tensors[name] = (columns, rows, [.. Enumerable.Range(0, columns * Math.Max(1, rows)).Select(_ => (random.NextSingle() - 0.5f) * (name == "norm.weight" ? 2 : 0.6f))]);
}
