using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Drafting.Stopping;

/// <summary>
/// Predicts whether the target keeps a token that a draft model drew (SpecDec++, Huang et al., 2405.19715; docs/speculation.md): a residual network over the hidden state that the
/// token was drawn from, and how sure the draw was. Trained for one draft model, and asked where tokens are sampled. Not thread-safe: the draft engine's loop uses it.
/// </summary>
public sealed class StopHead
{
    private const string Architecture = "stop_head";
    private const int Sureness = 3;
    private const int MostBlocks = 16;
    private const int MostWidth = 4096;
    private const float LeastLogarithm = -12;

    private readonly float[] _norm;
    private readonly float _epsilon;
    private readonly Layer _hidden;
    private readonly float[] _sure;
    private readonly Layer[] _blocks;
    private readonly Layer _output;
    private readonly float[] _normed;
    private readonly float[] _state;
    private readonly float[] _change;

    private StopHead(StopHeadFile file, int size)
    {
        int width = file.Size("width", 1, MostWidth);
        int blocks = file.Size("block_count", 0, MostBlocks);
        _epsilon = file.Epsilon();
        _norm = file.Tensor("norm.weight", size);
        _hidden = new Layer(file.Tensor("hidden.weight", size, width), file.Tensor("hidden.bias", width));
        _sure = file.Tensor("sure.weight", Sureness, width);
        _blocks = [.. Enumerable.Range(0, blocks).Select(i => new Layer(file.Tensor($"blk.{i}.weight", width, width), file.Tensor($"blk.{i}.bias", width)))];
        _output = new Layer(file.Tensor("output.weight", width), file.Tensor("output.bias", 1));
        _normed = new float[size];
        _state = new float[width];
        _change = new float[width];
        file.RefuseOthers();
    }

    /// <summary>Reads a stop head.</summary>
    /// <param name="file">Its file; may be closed afterwards.</param>
    /// <param name="draft">The draft model that it is to stop.</param>
    /// <exception cref="ModelFileException">The file is not a stop head, is damaged, or was made for another draft model.</exception>
    public static StopHead Load(ModelFile file, ModelFile draft)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(draft);
        ModelConfiguration model = ModelConfigurationReader.Read(draft);
        StopHeadFile parts = new(file, Architecture);
        parts.Require("embedding_length", model.ModelSize, "the draft model's width");
        parts.Require("vocabulary_size", model.VocabularySize, "the draft model's tokens");
        parts.RequireHash(draft);
        return new StopHead(parts, model.ModelSize);
    }

    /// <summary>The chance that the target keeps a token, all before it being kept.</summary>
    /// <param name="hidden">The draft model's hidden state, before its last norm, that the token was drawn from (C).</param>
    /// <param name="probability">The token's probability.</param>
    /// <param name="lead">By how much it won the draw, noise included, in logits.</param>
    /// <returns>0 to 1; 0 where the state is no number.</returns>
    public double Chance(ReadOnlySpan<float> hidden, float probability, float lead)
    {
        float scale = 1 / MathF.Sqrt((VectorMath.Dot(hidden, hidden) / hidden.Length) + _epsilon);
        for (int i = 0; i < _normed.Length; i++)
        {
            _normed[i] = hidden[i] * scale * _norm[i];
        }
        _hidden.Apply(_normed, _state);
        AddSureness(Math.Max(MathF.Log(probability), LeastLogarithm) / 4, Math.Min(lead, -LeastLogarithm) / 4, MathF.Log(1 + Math.Min(lead, 30)));
        foreach (Layer block in _blocks)
        {
            block.Apply(_state, _change);
            for (int i = 0; i < _state.Length; i++)
            {
                _state[i] += _change[i] / (1 + MathF.Exp(-_change[i]));
            }
        }
        Span<float> logit = stackalloc float[1];
        _output.Apply(_state, logit);
        double chance = 1 / (1 + Math.Exp(-logit[0]));
        return double.IsNaN(chance) ? 0 : chance;
    }

    private void AddSureness(float probability, float lead, float logarithmOfLead)
    {
        for (int i = 0; i < _state.Length; i++)
        {
            ReadOnlySpan<float> weights = _sure.AsSpan(i * Sureness, Sureness);
            _state[i] += (weights[0] * probability) + (weights[1] * lead) + (weights[2] * logarithmOfLead);
        }
    }

    /// <summary>A linear layer: rows of weights, and what is added to each product.</summary>
    private readonly record struct Layer(float[] Weights, float[] Biases)
    {
        public void Apply(ReadOnlySpan<float> input, Span<float> output)
        {
            for (int row = 0; row < output.Length; row++)
            {
                output[row] = VectorMath.Dot(input, Weights.AsSpan(row * input.Length, input.Length)) + Biases[row];
            }
        }
    }
}
