using ILGPU;
using ILGPU.Runtime;
using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Paged attention; see <see cref="AttentionKernels"/>, and <see cref="TileKernels"/> for devices with tensor cores. Owns the room for partial results.
/// </summary>
internal sealed class AttentionOp : IDisposable
{
    /// <summary>Threads of a group on a GPU.</summary>
    public const int Threads = 128;

    private readonly DeviceKvLayout _layout;
    private readonly int _heads;
    private readonly int _partials;
    private readonly int _threads;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _partialValues;
    private readonly MemoryBuffer1D<PartialSum, Stride1D.Dense> _partialSums;
    private readonly Action<AcceleratorStream, KernelConfig, AttentionArguments> _attend;
    private readonly Action<AcceleratorStream, KernelConfig, AttentionArguments> _attendFew;
    private readonly Action<AcceleratorStream, KernelConfig, AttentionArguments> _join;

    /// <summary>Loads the kernels of the cache's form.</summary>
    /// <param name="accelerator">Device.</param>
    /// <param name="layout">The cache's layout.</param>
    /// <param name="heads">H: query heads, a multiple of the KV heads.</param>
    /// <param name="partials">Partial results to have room for, one for each row and split of 256 positions; that of <see cref="PassShape.Partials"/>.</param>
    /// <param name="threads">Threads of a group; 0 chooses. No result depends on it. Tiles have their own number.</param>
    /// <param name="variant">What the kernels are made of; the default for the best that the device has.</param>
    public AttentionOp(Accelerator accelerator, DeviceKvLayout layout, int heads, int partials, int threads = 0, KernelVariant? variant = null)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentOutOfRangeException.ThrowIfNegative(partials);
        RequireHeads(layout, heads);
        _layout = layout;
        _heads = heads;
        _partials = partials;
        _threads = threads == 0 ? GroupSize.Of(accelerator, Threads) : threads;
        KernelVariant used = variant ?? KernelVariants.Of(accelerator.Device);
        UsesTiles = used == KernelVariant.Tensor && TileKernels.Take(layout);
        Kernels = Describe(used, layout);
        _attend = UsesTiles ? TileKernels.Load(accelerator, layout, few: false) : LoadPortable(accelerator, layout.Type);
        _attendFew = UsesTiles ? TileKernels.Load(accelerator, layout, few: true) : _attend;
        _join = accelerator.LoadKernel<AttentionArguments>(AttentionKernels.Join);
        _partialValues = accelerator.Allocate1D<float>(Math.Max(1, PartialFloats(layout, heads, partials)));
        _partialSums = accelerator.Allocate1D<PartialSum>(Math.Max(1L, (long)partials * heads));
    }

    /// <summary>Whether tensor cores are used.</summary>
    public bool UsesTiles { get; }

    /// <summary>Which kernels attend, for people.</summary>
    public string Kernels { get; }

    /// <summary>Queries that a group serves together, at most; work must be cut for as many (<see cref="PassShape.QueriesTogether"/>).</summary>
    public int QueriesTogether => UsesTiles ? TileKernels.MostQueries : AttentionKernels.MostQueries;

    /// <summary>Bytes that the room for partial results takes.</summary>
    public static long PartialBytes(DeviceKvLayout layout, int heads, int partials) =>
        (PartialFloats(layout, heads, partials) * sizeof(float)) + ((long)partials * heads * 2 * sizeof(int));

    /// <summary>Attends: every row of the list, in one layer.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="rows">T: rows of the pass.</param>
    /// <param name="pass">The uploaded <see cref="PassMetadata.Data"/>.</param>
    /// <param name="list">The layer's work, <see cref="PassMetadata.List"/>.</param>
    /// <param name="block">The layer's attention: scale, soft cap and window.</param>
    /// <param name="queries">Rotated queries (T x H x D).</param>
    /// <param name="kv">The layer's cache; the pass's own keys and values are in it.</param>
    /// <param name="output">Gets the results (rows of the list x H x D). Not the queries.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(
        AcceleratorStream stream,
        int rows,
        ArrayView<int> pass,
        AttentionList list,
        AttentionBlock block,
        in RowsView queries,
        in LayerKv kv,
        in RowsView output)
    {
        int width = _heads * _layout.HeadSize;
        queries.Require(rows, width, "queries");
        output.Require(list.Rows, width, "results");
        RequirePass(pass, rows, kv, _layout);
        RequireList(pass, list, block);
        if (list.Rows == 0)
        {
            return;
        }
        bool capped = block.SoftCap > 0;
        AttentionArguments arguments = new()
        {
            Queries = queries.Values,
            Output = output.Values,
            Kv = kv,
            Pass = pass,
            PartialValues = _partialValues.View,
            PartialSums = _partialSums.View,
            List = list.Work,
            QueryStride = queries.Stride,
            OutputStride = output.Stride,
            Heads = _heads,
            KvHeads = _layout.KvHeads,
            HeadSize = _layout.HeadSize,
            BlockTokens = _layout.BlockTokens,
            Window = block.Window,
            QueryScale = capped ? block.Scale / block.SoftCap : block.Scale * AttentionMath.Log2E,
            CapScale = capped ? block.SoftCap * AttentionMath.Log2E : 0,
        };
        int parts = ((_heads / _layout.KvHeads) + QueriesTogether - 1) / QueriesTogether;
        int threads = UsesTiles ? TileKernels.Threads : _threads;
        bool few = list.MostRows * (_heads / _layout.KvHeads) <= TileKernels.TileQueries;
        (few ? _attendFew : _attend)(stream, new KernelConfig(checked(list.WorkCount * _layout.KvHeads * parts), threads), arguments);
        if (list.JoinCount > 0)
        {
            arguments.List = list.Joins;
            _join(stream, new KernelConfig(checked(list.JoinCount * _heads), _threads), arguments);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _partialValues.Dispose();
        _partialSums.Dispose();
    }

    /// <summary>Says which kernels attend on a device, and why, where a device with tensor cores does not use them.</summary>
    internal static string Describe(KernelVariant variant, DeviceKvLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        string cache = $"heads of {layout.HeadSize} elements in {KvTypes.NameOf(layout.Type)}";
        if (variant != KernelVariant.Tensor)
        {
            return $"portable kernels, {cache}";
        }
        return TileKernels.Take(layout)
            ? $"tensor cores, {cache}"
            : $"portable kernels, {cache}: tensor cores take heads of 64, 96 or 128 elements in f16, q8_0 or q4_0";
    }

    /// <summary>Checks that query heads share KV heads evenly.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    internal static void RequireHeads(DeviceKvLayout layout, int heads)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (heads < 1 || heads % layout.KvHeads != 0)
        {
            throw new ArgumentException($"There are '{heads}' query heads for '{layout.KvHeads}' KV heads; expected a multiple.", nameof(heads));
        }
    }

    /// <summary>Checks that the rows of a pass are there, and that a layer's cache has the layout.</summary>
    /// <exception cref="ArgumentException">They are not, or it has another.</exception>
    internal static void RequirePass(ArrayView<int> pass, int rows, in LayerKv kv, DeviceKvLayout layout)
    {
        if (pass.Length < (long)rows * PassMetadata.RowInts)
        {
            throw new ArgumentException(
                $"The pass has '{pass.Length}' integers for '{rows}' rows; expected at least '{(long)rows * PassMetadata.RowInts}'.", nameof(pass));
        }
        if (kv.Tiles != layout.TileCount || kv.Octets != layout.Octets || kv.Keys.Length < layout.LayerWords || kv.Values.Length < layout.LayerWords)
        {
            throw new ArgumentException(
                $"The layer's cache has '{kv.Tiles}' tiles of heads of '{kv.Octets}' octets; expected '{layout.TileCount}' of '{layout.Octets}'.", nameof(kv));
        }
    }

    private static Action<AcceleratorStream, KernelConfig, AttentionArguments> LoadPortable(Accelerator accelerator, KvType type) => type switch
    {
        KvType.F32 => accelerator.LoadKernel<AttentionArguments>(AttentionKernels.Attend<FloatKv>),
        KvType.Q8_0 => accelerator.LoadKernel<AttentionArguments>(AttentionKernels.Attend<ByteKv>),
        KvType.Q4_0 => accelerator.LoadKernel<AttentionArguments>(AttentionKernels.Attend<NibbleKv>),
        _ => accelerator.LoadKernel<AttentionArguments>(AttentionKernels.Attend<HalfKv>),
    };

    private static long PartialFloats(DeviceKvLayout layout, int heads, int partials) =>
        (long)partials * heads * layout.Octets * DeviceKvLayout.OctetElements;

    private void RequireList(ArrayView<int> pass, AttentionList list, AttentionBlock block)
    {
        long end = Math.Max(
            list.Work + ((long)list.WorkCount * AttentionKernels.WorkInts), list.Joins + ((long)list.JoinCount * AttentionKernels.JoinInts));
        if (list.Window != block.Window || list.Partials > _partials || end > pass.Length)
        {
            throw new ArgumentException(
                $"The work is for window '{list.Window}', needs '{list.Partials}' partial results and ends at '{end}'; the layer has window '{block.Window}', the room is for '{_partials}', the pass ends at '{pass.Length}'.",
                nameof(list));
        }
    }
}
