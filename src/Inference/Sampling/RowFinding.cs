using System.Runtime.InteropServices;

namespace Winnow.Inference.Sampling;

/// <summary>What was found of one row of logits (<see cref="RowAsk"/>).</summary>
[StructLayout(LayoutKind.Auto)]
internal record struct RowFinding
{
    /// <summary>One of <see cref="DrawStatus"/>: whether the model's own logits can be used.</summary>
    public int OwnStatus { get; set; }

    /// <summary>One of <see cref="DrawStatus"/>, after edits and mask.</summary>
    public int Status { get; set; }

    /// <summary>The token drawn from all tokens, truncation not regarded.</summary>
    public int Token { get; set; }

    /// <summary>The largest logit after edits and mask.</summary>
    public float Largest { get; set; }

    /// <summary>The sum of the weights, to within <see cref="LogitDraws.WeightSlack"/> of itself; 0 where it was not asked for.</summary>
    public double Weights { get; set; }

    /// <summary>Where the candidates of the row's own logits lie in <see cref="LogitDraws.Candidates"/>.</summary>
    public Range Likeliest { get; set; }

    /// <summary>Where those after edits and mask lie.</summary>
    public Range Best { get; set; }

    /// <summary>All tokens that can be drawn are among the latter.</summary>
    public bool HasAll { get; set; }
}
