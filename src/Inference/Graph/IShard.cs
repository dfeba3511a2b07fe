namespace Winnow.Inference.Graph;

/// <summary>
/// A contiguous range of a model's layers with its weights and KV cache on one device. Not thread-safe: one loop owns it.
/// </summary>
/// <remarks>
/// The law (docs/architecture.md): a row's result does not depend on the other rows, on chunking, or on tree or chain.
/// </remarks>
public interface IShard : IDisposable
{
    /// <summary>What is loaded.</summary>
    ShardSpec Spec { get; }

    /// <summary>Backend, kernel version, model hash and KV type: shards with equal ids give equal bits.</summary>
    string Numerics { get; }

    /// <summary>Bytes of weights held.</summary>
    long WeightBytes { get; }

    /// <summary>Bytes of the KV cache held.</summary>
    long KvBytes { get; }

    /// <summary>Bytes that its device's memory has sent to the host so far; 0 where there is one memory.</summary>
    long HostBytes => 0;

    /// <summary>Whether <see cref="ForwardBatch.Features"/> are kept.</summary>
    bool KeepsFeatures => false;

    /// <summary>
    /// Runs the layers over a batch, stores every row's key and value, and writes the hidden states.
    /// </summary>
    /// <param name="batch">Rows to run.</param>
    /// <param name="input">Hidden states of the previous shard (rows x C), row-major; empty on the first shard, which embeds the tokens.</param>
    /// <param name="output">
    /// Hidden states after the last layer of this shard (rows x C); on the last shard rows before a sequence's first output row are not
    /// computed to the end and read zero.
    /// </param>
    /// <param name="cancellation">Checked between layers.</param>
    void Forward(ForwardBatch batch, ReadOnlySpan<float> input, Span<float> output, CancellationToken cancellation);

    /// <summary>Whether a second pass may be started before the first is finished: <see cref="StartForward"/>.</summary>
    bool PassesOverlap => false;

    /// <summary>
    /// Starts what <see cref="Forward"/> does and may return before it is done; passes compute in the order of their starts.
    /// <see cref="FinishForward"/> ends the oldest. At most two are under way, and nothing else is asked of the shard meanwhile but copies of keys and values.
    /// </summary>
    /// <param name="batch">Rows to run; read before this returns.</param>
    /// <param name="input">As with <see cref="Forward"/>; read before this returns.</param>
    /// <param name="cancellation">Checked between layers while they are started; a pass that was cancelled is not under way.</param>
    /// <exception cref="NotSupportedException">Passes of the backend do not overlap.</exception>
    void StartForward(ForwardBatch batch, ReadOnlySpan<float> input, CancellationToken cancellation) =>
        throw new NotSupportedException($"'{Numerics}' does not start passes apart; ask for whole ones.");

    /// <summary>Waits for the oldest pass that was started.</summary>
    /// <param name="output">Its hidden states, as with <see cref="Forward"/>.</param>
    /// <exception cref="NotSupportedException">Passes of the backend do not overlap.</exception>
    void FinishForward(Span<float> output) => throw new NotSupportedException($"'{Numerics}' does not start passes apart; ask for whole ones.");

    /// <summary>Whether <see cref="ForwardLayers"/> runs a part of the shard's layers, which early exits need.</summary>
    bool RunsLayers => false;

    /// <summary>As <see cref="Forward"/>, some of the shard's layers only: run one part after the other they give the same bits.</summary>
    /// <param name="batch">Rows to run.</param>
    /// <param name="input">Hidden states after the layers before (rows x C); empty from layer 0 on, where tokens are embedded.</param>
    /// <param name="output">Hidden states after the last of them (rows x C), as with <see cref="Forward"/>.</param>
    /// <param name="firstLayer">First layer of the model to run, inclusive; one of the shard's.</param>
    /// <param name="lastLayer">Last layer to run, exclusive; at most the shard's.</param>
    /// <param name="cancellation">Checked between layers.</param>
    /// <exception cref="NotSupportedException">The backend does not run layers apart.</exception>
    void ForwardLayers(ForwardBatch batch, ReadOnlySpan<float> input, Span<float> output, int firstLayer, int lastLayer, CancellationToken cancellation) =>
        throw new NotSupportedException($"'{Numerics}' does not run layers apart; use a CPU worker.");

    /// <summary>
    /// Final norm and head: logits (rows x V) of hidden states (rows x C). Only on the last shard.
    /// </summary>
    /// <exception cref="InvalidOperationException">This shard has no head.</exception>
    void ComputeLogits(ReadOnlySpan<float> hidden, int rows, Span<float> logits);

    /// <summary>Copies a whole KV block in every layer of this shard.</summary>
    void CopyBlock(int source, int destination);

    /// <summary>Copies one KV row (key and value, every layer of this shard), as stored.</summary>
    void CopyRow(int sourceSlot, int destinationSlot);
}
