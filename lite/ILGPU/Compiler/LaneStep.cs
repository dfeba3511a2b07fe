using ILGPU.Execution;

namespace ILGPU.Compiler;

/// <summary>Runs a lane from where it waits to where it waits next.</summary>
/// <param name="group">Its group.</param>
/// <param name="lane">The lane.</param>
/// <returns>0 when the lane ended, else the number of the suspension point that it waits at.</returns>
internal unsafe delegate int LaneStep(GroupContext* group, LaneContext* lane);
