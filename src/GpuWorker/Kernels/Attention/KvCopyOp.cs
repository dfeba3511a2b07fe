using ILGPU;
using ILGPU.Runtime;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Copies of stored rows and blocks, in every layer by one launch; see <see cref="KvCopyKernel"/>.</summary>
internal sealed class KvCopyOp
{
    private readonly DeviceKv _kv;
    private readonly int _threads;
    private readonly Action<AcceleratorStream, KernelConfig, KvCopyArguments> _run;

    /// <summary>Loads the kernel.</summary>
    /// <param name="accelerator">Device.</param>
    /// <param name="kv">The cache, whose owner disposes it.</param>
    public KvCopyOp(Accelerator accelerator, DeviceKv kv)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentNullException.ThrowIfNull(kv);
        _kv = kv;
        _threads = GroupSize.Of(accelerator, 64);
        _run = accelerator.LoadKernel<KvCopyArguments>(KvCopyKernel.Run);
    }

    /// <summary>Copies one row.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="source">Slot read.</param>
    /// <param name="destination">Slot written.</param>
    /// <exception cref="ArgumentOutOfRangeException">A slot is not in the cache.</exception>
    public void CopyRow(AcceleratorStream stream, int source, int destination)
    {
        Require(source, _kv.Layout.Slots, "row", nameof(source));
        Require(destination, _kv.Layout.Slots, "row", nameof(destination));
        Copy(stream, source, destination, 1);
    }

    /// <summary>Copies one block.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="source">Block read.</param>
    /// <param name="destination">Block written.</param>
    /// <exception cref="ArgumentOutOfRangeException">A block is not in the cache.</exception>
    public void CopyBlock(AcceleratorStream stream, int source, int destination)
    {
        Require(source, _kv.Layout.BlockCount, "block", nameof(source));
        Require(destination, _kv.Layout.BlockCount, "block", nameof(destination));
        int tokens = _kv.Layout.BlockTokens;
        Copy(stream, source * tokens, destination * tokens, tokens);
    }

    private static void Require(int value, int count, string what, string name)
    {
        if ((uint)value >= (uint)count)
        {
            throw new ArgumentOutOfRangeException(name, $"KV {what} '{value}' is not in the cache; allowed are 0 to {count - 1}.");
        }
    }

    private void Copy(AcceleratorStream stream, int source, int destination, int rows)
    {
        if (source == destination)
        {
            return;
        }
        DeviceKvLayout layout = _kv.Layout;
        KvCopyArguments arguments = new()
        {
            Kv = _kv.All(),
            LayerWords = layout.LayerWords,
            LayerScales = layout.LayerScales,
            OctetWords = layout.OctetWords,
            KvHeads = layout.KvHeads,
            Source = source,
            Destination = destination,
            Rows = rows,
        };
        _run(stream, new KernelConfig(checked(layout.Layers * layout.KvHeads * rows), _threads), arguments);
    }
}
