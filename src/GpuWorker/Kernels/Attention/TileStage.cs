using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>A tile of 32 keys and values in shared memory, as one lane sees it.</summary>
internal struct TileStage
{
    /// <summary>Address of the keys, plus what the lane's matrix row adds.</summary>
    public int Keys;

    /// <summary>Address of eight keys, where a warp has its own, plus what the lane's matrix row adds.</summary>
    public int EightKeys;

    /// <summary>Address of the values, plus what the lane's matrix row adds.</summary>
    public int Values;

    /// <summary>The lane.</summary>
    public int Lane;

    /// <summary>Scales [keys, values][block of 32][32 keys].</summary>
    public ArrayView<float> Scales;
}
