using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Keys and values of one layer as kernels see them; <see cref="DeviceKvLayout"/> tells where what lies.</summary>
internal struct LayerKv
{
    /// <summary>Words of the keys.</summary>
    public ArrayView<int> Keys;

    /// <summary>Words of the values.</summary>
    public ArrayView<int> Values;

    /// <summary>Scales of the keys, halves.</summary>
    public ArrayView<ushort> KeyScales;

    /// <summary>Scales of the values, halves.</summary>
    public ArrayView<ushort> ValueScales;

    /// <summary>Tiles of 16 rows of one head.</summary>
    public int Tiles;

    /// <summary>Octets of a padded head.</summary>
    public int Octets;

    /// <summary>Index of a key's first octet; the next ones follow at steps of 16.</summary>
    public readonly int KeyOctet(int head, int slot) => ((((head * Tiles) + (slot >> 4)) * Octets) << 4) + (slot & 15);

    /// <summary>Index of a key's first scale; the next ones follow at steps of 16.</summary>
    public readonly int KeyScale(int head, int slot) => ((((head * Tiles) + (slot >> 4)) * (Octets >> 2)) << 4) + (slot & 15);

    /// <summary>Index of a value's first octet.</summary>
    public readonly int ValueOctet(int head, int slot) => ((head * (Tiles << 4)) + slot) * Octets;

    /// <summary>Index of a value's first scale.</summary>
    public readonly int ValueScale(int head, int slot) => ((head * (Tiles << 4)) + slot) * (Octets >> 2);
}
