using ILGPU;
using ILGPU.Runtime;

namespace Winnow.GpuWorker.Kernels.Experts;

/// <summary>Results sorted by expert, in memory that grows to the largest number seen; see <see cref="GroupKernel"/>.</summary>
internal sealed class ExpertGrouping(Accelerator accelerator) : IDisposable
{
    private readonly Action<AcceleratorStream, KernelConfig, GroupArguments> _run = accelerator.LoadKernel<GroupArguments>(GroupKernel.Run);
    private MemoryBuffer1D<int, Stride1D.Dense>? _order;
    private MemoryBuffer1D<Quad, Stride1D.Dense>? _tiles;

    /// <summary>Results in the order of experts.</summary>
    public ArrayView<int> Order => _order?.View.BaseView ?? ArrayView<int>.Empty;

    /// <summary>Their tiles.</summary>
    public ArrayView<Quad> Tiles => _tiles?.View.BaseView ?? ArrayView<Quad>.Empty;

    /// <summary>Tiles of so many results, with those that have none.</summary>
    public static int TilesFor(int results, int experts) => (results / GroupKernel.Tile) + experts;

    /// <summary>Sorts results.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="chosen">The expert of every result.</param>
    /// <param name="results">Results.</param>
    /// <param name="experts">Experts.</param>
    public void Run(AcceleratorStream stream, ArrayView<int> chosen, int results, int experts)
    {
        ArgumentNullException.ThrowIfNull(stream);
        int tiles = TilesFor(results, experts);
        if (Order.Length < results || Tiles.Length < tiles)
        {
            stream.Synchronize();
            Dispose();
            _order = accelerator.Allocate1D<int>(results);
            _tiles = accelerator.Allocate1D<Quad>(tiles);
        }
        GroupArguments arguments = new() { Chosen = chosen, Order = Order, Tiles = Tiles, Results = results };
        _run(stream, new KernelConfig(experts, GroupKernel.Threads), arguments);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _order?.Dispose();
        _tiles?.Dispose();
        _order = null;
        _tiles = null;
    }
}
