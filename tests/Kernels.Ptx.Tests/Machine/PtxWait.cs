namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>What a thread waits for.</summary>
internal enum PtxWait
{
    None,
    Barrier,
    Shuffle,
    Warp,
    Ended,
}
