using Winnow.Inference.Sampling;

namespace Winnow.Inference.Execution;

/// <summary>Logits of the rows of a step that are sampled, taken a group of sequences at a time: all of them at the host, or on the device, where rows are drawn from too.</summary>
internal interface IStepLogits
{
    /// <summary>Takes the logits of a group of sequences; those of the group before are gone.</summary>
    /// <param name="group">The group.</param>
    /// <param name="hidden">Hidden states of the whole step (rows x C); not read where the shard keeps them.</param>
    void Take(in LogitGroup group, ReadOnlySpan<float> hidden);

    /// <summary>The model's own logits of one of the group's rows; valid until the next call.</summary>
    ReadOnlySpan<float> Row(int row);

    /// <summary>The target's own token at a row, where it was drawn with the logits.</summary>
    /// <param name="row">Row of the group.</param>
    /// <param name="plan">How the row's sequence samples.</param>
    /// <param name="generationIndex">The row's.</param>
    /// <param name="token">The token.</param>
    /// <returns>Whether it was; otherwise it is to be drawn from <see cref="Row"/>.</returns>
    /// <exception cref="SamplingException">The logits hold NaN, or no token is left to draw.</exception>
    bool TryDraw(int row, SamplingPlan plan, int generationIndex, out int token);

    /// <summary>Finds the likeliest tokens of a row by the model's own logits.</summary>
    /// <param name="row">Row of the group.</param>
    /// <param name="ids">Gets as many as it holds.</param>
    void FindLikeliest(int row, Span<int> ids);
}
