using ILGPU;
using ILGPU.Runtime;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>The KV cache of a shard on a device. Who owns which block is the coordinator's business: this holds the memory.</summary>
internal sealed class DeviceKv : IDisposable
{
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _keys;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> _values;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense> _keyScales;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense> _valueScales;

    /// <summary>Takes the memory and sets it to zero.</summary>
    public DeviceKv(Accelerator accelerator, DeviceKvLayout layout)
    {
        Layout = layout;
        _keys = accelerator.Allocate1D<int>(layout.Layers * layout.LayerWords);
        _values = accelerator.Allocate1D<int>(layout.Layers * layout.LayerWords);
        long scales = Math.Max(layout.Layers * layout.LayerScales, 1);
        _keyScales = accelerator.Allocate1D<ushort>(scales);
        _valueScales = accelerator.Allocate1D<ushort>(scales);
        _keys.MemSetToZero();
        _values.MemSetToZero();
        _keyScales.MemSetToZero();
        _valueScales.MemSetToZero();
        accelerator.Synchronize();
    }

    /// <summary>Sizes.</summary>
    public DeviceKvLayout Layout { get; }

    /// <summary>One layer, counted from the shard's first.</summary>
    public LayerKv Layer(int layer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)Layout.Layers, nameof(layer));
        bool scaled = Layout.LayerScales > 0;
        return new LayerKv
        {
            Keys = _keys.View.SubView(layer * Layout.LayerWords, Layout.LayerWords),
            Values = _values.View.SubView(layer * Layout.LayerWords, Layout.LayerWords),
            KeyScales = scaled ? _keyScales.View.SubView(layer * Layout.LayerScales, Layout.LayerScales) : _keyScales.View,
            ValueScales = scaled ? _valueScales.View.SubView(layer * Layout.LayerScales, Layout.LayerScales) : _valueScales.View,
            Tiles = Layout.TileCount,
            Octets = Layout.Octets,
        };
    }

    /// <summary>All layers, as the copy kernel sees them.</summary>
    public LayerKv All() => new()
    {
        Keys = _keys.View,
        Values = _values.View,
        KeyScales = _keyScales.View,
        ValueScales = _valueScales.View,
        Tiles = Layout.TileCount,
        Octets = Layout.Octets,
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
        _keyScales.Dispose();
        _valueScales.Dispose();
    }
}
