using System.Collections.Immutable;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace ILGPU;

/// <summary>Knows the devices and owns the accelerators made for them.</summary>
public sealed class Context : IDisposable
{
    private readonly HashSet<Accelerator> _accelerators = [];
    private readonly Lock _lock = new();

    private Context(Builder builder)
    {
        Devices = [.. builder.Devices];
        EnableProfiling = builder.EnableProfiling;
    }

    /// <summary>The devices that the builder named, in its order.</summary>
    public ImmutableArray<Device> Devices { get; }

    internal bool EnableProfiling { get; }

    /// <summary>Makes a context.</summary>
    /// <param name="buildingCallback">Names the devices and the settings.</param>
    /// <returns>The context.</returns>
    public static Context Create(Action<Builder> buildingCallback)
    {
        ArgumentNullException.ThrowIfNull(buildingCallback);
        Builder builder = new();
        buildingCallback(builder);
        return builder.ToContext();
    }

    /// <summary>Makes a context of all devices and default settings.</summary>
    /// <returns>The context.</returns>
    public static Context CreateDefault() => Create(builder => builder.Default());

    /// <summary>A device of a kind.</summary>
    /// <typeparam name="TDevice">The kind.</typeparam>
    /// <param name="deviceIndex">Its place among the devices of its kind.</param>
    /// <returns>The device.</returns>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public TDevice GetDevice<TDevice>(int deviceIndex)
        where TDevice : Device
        => GetDevices<TDevice>()[deviceIndex];

    /// <summary>The devices of a kind.</summary>
    /// <typeparam name="TDevice">The kind.</typeparam>
    /// <returns>The devices.</returns>
    public DeviceCollection<TDevice> GetDevices<TDevice>()
        where TDevice : Device
        => new([.. Devices.OfType<TDevice>()]);

    /// <summary>The device to take where none is named.</summary>
    /// <param name="preferCPU">Whether the CPU is to be taken even if there is another.</param>
    /// <returns>The device.</returns>
    public Device GetPreferredDevice(bool preferCPU)
        => (preferCPU ? null : Devices.FirstOrDefault(device => device.AcceleratorType != AcceleratorType.CPU)) ?? GetDevice<CPUDevice>(0);

    /// <summary>Enumerates the devices.</summary>
    /// <returns>The enumerator.</returns>
    public ImmutableArray<Device>.Enumerator GetEnumerator() => Devices.GetEnumerator();

    /// <summary>Ends the context and its accelerators.</summary>
    public void Dispose()
    {
        Accelerator[] accelerators;
        lock (_lock)
        {
            accelerators = [.. _accelerators];
        }

        Array.ForEach(accelerators, accelerator => accelerator.Dispose());
    }

    internal void Register(Accelerator accelerator)
    {
        lock (_lock)
        {
            _accelerators.Add(accelerator);
        }
    }

    internal void Unregister(Accelerator accelerator)
    {
        lock (_lock)
        {
            _accelerators.Remove(accelerator);
        }
    }

    /// <summary>Devices of one kind.</summary>
    /// <typeparam name="TDevice">The kind.</typeparam>
    public readonly ref struct DeviceCollection<TDevice>
        where TDevice : Device
    {
        private readonly TDevice[] _devices;

        internal DeviceCollection(TDevice[] devices)
        {
            _devices = devices;
        }

        /// <summary>The number of devices.</summary>
        public int Count => _devices.Length;

        /// <summary>A device.</summary>
        /// <param name="deviceIndex">Its place.</param>
        /// <exception cref="NotSupportedException">There is none.</exception>
        public TDevice this[int deviceIndex] => (uint)deviceIndex < (uint)_devices.Length
            ? _devices[deviceIndex]
            : throw new NotSupportedException($"Device '{deviceIndex}' of kind '{typeof(TDevice).Name}' was asked for, but the context has {_devices.Length}; name one of them.");

        /// <summary>Enumerates the devices.</summary>
        /// <returns>The enumerator.</returns>
        public ReadOnlySpan<TDevice>.Enumerator GetEnumerator() => ((ReadOnlySpan<TDevice>)_devices).GetEnumerator();
    }

    /// <summary>Names the devices and settings of a context. What tunes only ILGPU's compilers does nothing in this edition.</summary>
    public sealed class Builder
    {
        internal Builder()
        {
        }

        internal List<Device> Devices { get; } = [];

        internal bool EnableProfiling { get; private set; }

        /// <summary>All devices and default settings.</summary>
        /// <returns>The builder.</returns>
        public Builder Default() => AllAccelerators();

        /// <summary>All devices.</summary>
        /// <returns>The builder.</returns>
        public Builder AllAccelerators() => this.DefaultCPU().OpenCL().Cuda();

        /// <summary>Lets streams take profiling marks.</summary>
        /// <returns>The builder.</returns>
        public Builder Profiling()
        {
            EnableProfiling = true;
            return this;
        }

        /// <summary>Compiles assertions into kernels. This edition checks always.</summary>
        /// <returns>The builder.</returns>
        public Builder Assertions() => this;

        /// <summary>Compiles for debugging.</summary>
        /// <returns>The builder.</returns>
        public Builder Debug() => this;

        /// <summary>Compiles for speed.</summary>
        /// <returns>The builder.</returns>
        public Builder Release() => this;

        /// <summary>Sets the optimisation.</summary>
        /// <param name="level">How much of it.</param>
        /// <returns>The builder.</returns>
        public Builder Optimize(OptimizationLevel level) => this;

        /// <summary>Sets what is inlined.</summary>
        /// <param name="inliningMode">What.</param>
        /// <returns>The builder.</returns>
        public Builder Inlining(InliningMode inliningMode) => this;

        /// <summary>Sets the precision of mathematics.</summary>
        /// <param name="mathMode">The precision.</param>
        /// <returns>The builder.</returns>
        public Builder Math(MathMode mathMode) => this;

        /// <summary>Makes the context.</summary>
        /// <returns>The context.</returns>
        public Context ToContext() => new(this);

        internal Builder Add(Device device)
        {
            ArgumentNullException.ThrowIfNull(device);
            if (!Devices.Contains(device))
            {
                Devices.Add(device);
            }

            return this;
        }
    }
}
