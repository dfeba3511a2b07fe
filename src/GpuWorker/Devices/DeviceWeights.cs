using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Attention;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>Everything of a shard's model that lies on its device.</summary>
/// <param name="owned">Buffers, disposed with this.</param>
internal sealed class DeviceWeights(IReadOnlyList<IDisposable> owned) : IDisposable
{
    /// <summary>The model; with the heads of this device, where several share it.</summary>
    public required ModelConfiguration Model { get; init; }

    /// <summary>The shard's layers.</summary>
    public required DeviceLayer[] Layers { get; init; }

    /// <summary>Embedding rows, V x C; only on the first shard.</summary>
    public required WeightBuffer? Embedding { get; init; }

    /// <summary>Norm before the head; only on the last shard.</summary>
    public required ArrayView<float> FinalNorm { get; init; }

    /// <summary>Head, V x C; only on the last shard, and the embedding where the two are tied.</summary>
    public required WeightBuffer? Head { get; init; }

    /// <summary>Added to logits.</summary>
    public required ArrayView<float> HeadBias { get; init; }

    /// <summary>The different rotations of the layers.</summary>
    public required RopeAngles[] Ropes { get; init; }

    /// <summary>Bytes on the device.</summary>
    public required long Bytes { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable buffer in owned)
        {
            buffer.Dispose();
        }
    }
}
