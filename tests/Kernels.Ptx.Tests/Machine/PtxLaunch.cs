using ILGPU;

namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>What a launch brings.</summary>
/// <param name="Grid">Groups in each dimension.</param>
/// <param name="Group">Threads of a group in each dimension.</param>
/// <param name="DynamicBytes">Bytes of dynamic shared memory.</param>
/// <param name="Parameters">The parameters' bytes, in order.</param>
/// <param name="Views">The memory that the parameters' views cover.</param>
internal sealed record PtxLaunch(Index3D Grid, Index3D Group, int DynamicBytes, IReadOnlyList<byte[]> Parameters, IReadOnlyList<(long Start, long Length)> Views);
