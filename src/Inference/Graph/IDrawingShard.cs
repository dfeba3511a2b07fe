using Winnow.Inference.Sampling;

namespace Winnow.Inference.Graph;

/// <summary>
/// A shard on a device whose logits need not leave it: it draws from them there, and only what was found crosses to the host. The engine asks for the head's part of a step
/// through this in place of <see cref="IShard.Forward"/> and <see cref="IShard.ComputeLogits"/>; which rows it draws from the logits themselves is the
/// engine's choice, row by row (docs/sampling.md, "On a device").
/// </summary>
internal interface IDrawingShard : IShard
{
    /// <summary>As <see cref="IShard.Forward"/> on the last shard; the hidden states of rows that the sampler needs stay on the device until the next pass.</summary>
    /// <param name="batch">Rows to run.</param>
    /// <param name="input">Hidden states of the previous shard (rows x C); empty where the shard embeds.</param>
    /// <param name="cancellation">Checked between layers.</param>
    void ForwardToDraw(ForwardBatch batch, ReadOnlySpan<float> input, CancellationToken cancellation);

    /// <summary>Computes logits of the last pass's rows and draws from them, bit for bit as <see cref="TokenSampler"/> draws.</summary>
    /// <param name="first">Index of the first row, among those that the sampler needs.</param>
    /// <param name="draws">What is asked of that row and those after it; gets what was found.</param>
    void Draw(int first, LogitDraws draws);

    /// <summary>Fetches a row of the model's own logits.</summary>
    /// <param name="row">Row of the last <see cref="Draw"/>.</param>
    /// <param name="logits">Gets it (V).</param>
    void ReadLogits(int row, Span<float> logits);
}
