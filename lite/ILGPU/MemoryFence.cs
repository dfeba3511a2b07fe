namespace ILGPU;

/// <summary>Orders a lane's reads and writes of memory as others see them.</summary>
public static class MemoryFence
{
    /// <summary>Orders them for the group.</summary>
    public static void GroupLevel() => Interlocked.MemoryBarrier();

    /// <summary>Orders them for the device.</summary>
    public static void DeviceLevel() => Interlocked.MemoryBarrier();

    /// <summary>Orders them for the host and other devices too.</summary>
    public static void SystemLevel() => Interlocked.MemoryBarrier();
}
