using Microsoft.Extensions.Options;

namespace Winnow.GpuWorker.Engine;

/// <summary>The device as the rest of the worker sees it: its thread, its memory and the options both were made with.</summary>
/// <param name="loop">Thread that owns the device.</param>
/// <param name="memory">Budget.</param>
/// <param name="options">Options.</param>
public sealed class WorkerDevice(DeviceLoop loop, MemoryBudget memory, IOptions<WorkerOptions> options)
{
    /// <summary>Thread that owns the device.</summary>
    public DeviceLoop Loop { get; } = loop;

    /// <summary>Budget.</summary>
    public MemoryBudget Memory { get; } = memory;

    /// <summary>Options.</summary>
    public WorkerOptions Options { get; } = options.Value;
}
