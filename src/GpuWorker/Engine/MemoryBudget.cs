using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Winnow.Contracts;
using Winnow.GpuWorker.Devices;

namespace Winnow.GpuWorker.Engine;

/// <summary>The worker's one memory budget: weights, KV cache and scratch of everything loaded. What does not fit is refused with the numbers.</summary>
public sealed class MemoryBudget
{
    private const double ShareOfMachine = 0.6;
    private const double ShareOfDevice = 0.9;
    private readonly Lock _gate = new();
    private long _used;

    /// <summary>Takes the configured budget, or a share of the device's memory.</summary>
    public MemoryBudget(IOptions<WorkerOptions> options, DeviceDescription device)
    {
        long configured = options.Value.MemoryBytes;
        TotalBytes = configured > 0 ? configured : DefaultBytes(device);
        WorkerMetrics.MemoryBytes.Set(TotalBytes);
    }

    /// <summary>The whole budget.</summary>
    public long TotalBytes { get; }

    /// <summary>The budget of a worker that is told none: most of its devices' memory. The processor's memory serves the rest of the machine as well.</summary>
    public static long DefaultBytes(DeviceDescription device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return (long)(device.MemoryBytes * (device.Choice.Kind is DeviceKind.Cuda or DeviceKind.OpenCl ? ShareOfDevice : ShareOfMachine));
    }

    /// <summary>Bytes reserved.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_gate)
            {
                return _used;
            }
        }
    }

    /// <summary>Reserves memory, or answers with the fault that says what is missing.</summary>
    /// <param name="what">What it is for, for the message.</param>
    /// <param name="weightBytes">Weights.</param>
    /// <param name="kvBytes">KV cache.</param>
    /// <param name="otherBytes">Scratch buffers.</param>
    public WorkerFault? Reserve(string what, long weightBytes, long kvBytes, long otherBytes)
    {
        Int128 needed = (Int128)weightBytes + kvBytes + otherBytes;
        lock (_gate)
        {
            long free = TotalBytes - _used;
            if (needed <= free)
            {
                _used += (long)needed;
                WorkerMetrics.MemoryUsedBytes.Set(_used);
                return null;
            }
            return new WorkerFault(StatusCode.ResourceExhausted, WorkerErrorTypes.InsufficientMemory, string.Create(CultureInfo.InvariantCulture,
                $"{what} needs '{needed}' bytes (weights {weightBytes}, KV cache {kvBytes}, scratch {otherBytes}); {free} of {TotalBytes} are free; "
                + $"use fewer KV blocks, more shards, or raise Worker:MemoryBytes."));
        }
    }

    /// <summary>Gives reserved memory back.</summary>
    public void Release(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            WorkerMetrics.MemoryUsedBytes.Set(_used);
        }
    }
}
