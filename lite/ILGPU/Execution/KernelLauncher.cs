using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using ILGPU.Compiler;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace ILGPU.Execution;

/// <summary>What a launcher delegate is bound to: checks a launch and hands it to the accelerator.</summary>
internal sealed unsafe class KernelLauncher
{
    private static readonly ConcurrentDictionary<(CompiledKernel Kernel, Type Delegate), DynamicMethod> Methods = new();
    private readonly CPUAccelerator _accelerator;
    private readonly CompiledKernel _kernel;
    private readonly int _groupSize;

    private KernelLauncher(CPUAccelerator accelerator, CompiledKernel kernel, int groupSize)
    {
        _accelerator = accelerator;
        _kernel = kernel;
        _groupSize = groupSize;
    }

    public Accelerator Accelerator => _accelerator;

    /// <summary>Makes a launcher.</summary>
    /// <typeparam name="TDelegate">An optional stream, the configuration or extent, the kernel's parameters.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="groupSize">The lanes of a group of an implicitly grouped kernel.</param>
    /// <returns>The launcher.</returns>
    internal static TDelegate Create<TDelegate>(CPUAccelerator accelerator, CompiledKernel kernel, int groupSize)
        where TDelegate : Delegate
        => Methods.GetOrAdd((kernel, typeof(TDelegate)), static key => Emit(key.Kernel, key.Delegate))
            .CreateDelegate<TDelegate>(new KernelLauncher(accelerator, kernel, groupSize));

    public void Launch(AcceleratorStream? stream, KernelConfig config, byte* arguments)
    {
        CheckStream(stream);
        CheckWithin(config.GridDim, _accelerator.MaxGridSize, "grid");
        CheckWithin(config.GroupDim, _accelerator.MaxGroupSize, "group");
        if (config.GroupDim.LongSize > _accelerator.MaxNumThreadsPerGroup)
        {
            throw new ArgumentOutOfRangeException(nameof(config),
                $"Kernel '{_kernel.Name}' was launched with groups of '{config.GroupDim}' lanes; the device allows {_accelerator.MaxNumThreadsPerGroup}; use smaller groups.");
        }

        if (config.SharedMemoryConfig.ArraySize > _accelerator.MaxSharedMemoryPerGroup)
        {
            throw new ArgumentOutOfRangeException(nameof(config),
                $"Kernel '{_kernel.Name}' was launched with '{config.SharedMemoryConfig.ArraySize}' bytes of dynamic shared memory; the device has {_accelerator.MaxSharedMemoryPerGroup}; use smaller tiles.");
        }

        if (config.UsesDynamicSharedMemory && !_kernel.UsesDynamicMemory)
        {
            throw new InvalidOperationException(
                $"Kernel '{_kernel.Name}' was launched with '{config.SharedMemoryConfig.ArraySize}' bytes of dynamic shared memory, but takes none; launch it without.");
        }

        _accelerator.Launch(new(_kernel, config, default, _accelerator.WarpSize, (nint)arguments));
    }

    public void LaunchOver1D(AcceleratorStream? stream, Index1D extent, byte* arguments) => LaunchOver(stream, new Index3D(extent.X, 1, 1), arguments);

    public void LaunchOver2D(AcceleratorStream? stream, Index2D extent, byte* arguments) => LaunchOver(stream, new Index3D(extent.X, extent.Y, 1), arguments);

    public void LaunchOver3D(AcceleratorStream? stream, Index3D extent, byte* arguments) => LaunchOver(stream, extent, arguments);

    private void LaunchOver(AcceleratorStream? stream, Index3D extent, byte* arguments)
    {
        CheckStream(stream);
        ArgumentOutOfRangeException.ThrowIfNegative(Math.Min(extent.X, Math.Min(extent.Y, extent.Z)), nameof(extent));
        long groups = (extent.LongSize + _groupSize - 1) / _groupSize;
        KernelConfig config = new(new Index3D(checked((int)groups), 1, 1), new Index3D(_groupSize, 1, 1));
        _accelerator.Launch(new(_kernel, config, extent, _accelerator.WarpSize, (nint)arguments));
    }

    private void CheckStream(AcceleratorStream? stream)
    {
        if (stream is not null)
        {
            ObjectDisposedException.ThrowIf(stream.IsDisposed, stream);
            if (stream.Accelerator != _accelerator)
            {
                throw new ArgumentException($"Kernel '{_kernel.Name}' was launched in a stream of another accelerator; use one of its own.", nameof(stream));
            }
        }
    }

    private void CheckWithin(Index3D asked, Index3D allowed, string what)
    {
        if (asked.X > allowed.X || asked.Y > allowed.Y || asked.Z > allowed.Z)
        {
            throw new ArgumentOutOfRangeException(what, $"Kernel '{_kernel.Name}' was launched with a {what} of '{asked}'; the device allows {allowed}; use a smaller one.");
        }
    }

    private static DynamicMethod Emit(CompiledKernel kernel, Type launcher)
    {
        Type[] parameters = [.. launcher.GetMethod("Invoke")!.GetParameters().Select(parameter => parameter.ParameterType)];
        int first = parameters.Length > 0 && parameters[0] == typeof(AcceleratorStream) ? 1 : 0;
        List<ArgumentLayout.Place> places = [.. kernel.Arguments.Places.Where(place => !place.IsImplicitIndex)];
        string? target = Target(kernel, parameters.ElementAtOrDefault(first));
        if (target is null || !parameters.Skip(first + 1).SequenceEqual(places.Select(place => place.Type)))
        {
            throw new ArgumentException($"Kernel '{kernel.Name}' cannot be launched as '{launcher}'; the launcher takes a KernelConfig or the extent, then the kernel's parameters.");
        }

        DynamicMethod method = new($"Launch {kernel.Name}", typeof(void), [typeof(KernelLauncher), .. parameters], typeof(KernelLauncher).Module, skipVisibility: true) { InitLocals = false };
        ILGenerator il = method.GetILGenerator();
        LocalBuilder block = il.DeclareLocal(typeof(byte*));
        il.Emit(OpCodes.Ldc_I4, Math.Max(kernel.Arguments.Bytes, 1));
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Localloc);
        il.Emit(OpCodes.Stloc, block);
        for (int i = 0; i < places.Count; i++)
        {
            int argument = first + 2 + i;
            CheckViews(il, places[i].Type, () => il.Emit(OpCodes.Ldarga, (short)argument));
            il.Emit(OpCodes.Ldloc, block);
            il.Emit(OpCodes.Ldc_I4, places[i].Offset);
            il.Emit(OpCodes.Add);
            il.Emit(OpCodes.Ldarg, (short)argument);
            il.Emit(OpCodes.Stobj, places[i].Type);
        }

        il.Emit(OpCodes.Ldarg_0);
        il.Emit(first == 1 ? OpCodes.Ldarg_1 : OpCodes.Ldnull);
        il.Emit(OpCodes.Ldarg, (short)(first + 1));
        il.Emit(OpCodes.Ldloc, block);
        il.Emit(OpCodes.Call, typeof(KernelLauncher).GetMethod(target)!);
        il.Emit(OpCodes.Ret);
        return method;
    }

    private static string? Target(CompiledKernel kernel, Type? extent)
    {
        if (!kernel.IsImplicit)
        {
            return extent == typeof(KernelConfig) ? nameof(Launch) : null;
        }

        return extent != kernel.Arguments.Places[0].Type ? null
            : extent == typeof(Index1D) ? nameof(LaunchOver1D)
            : extent == typeof(Index2D) ? nameof(LaunchOver2D)
            : nameof(LaunchOver3D);
    }

    /// <summary>Emits checks that every view in an argument points into a living buffer of the accelerator.</summary>
    private static void CheckViews(ILGenerator il, Type type, Action loadAddress)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ArrayView<>))
        {
            loadAddress();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Call, typeof(KernelLauncher).GetProperty(nameof(Accelerator))!.GetMethod!);
            il.Emit(OpCodes.Call, type.GetMethod("CheckOwner", BindingFlags.Instance | BindingFlags.NonPublic)!);
            return;
        }

        if (type.IsPrimitive || type.IsEnum || !type.IsValueType)
        {
            return;
        }

        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            CheckViews(il, field.FieldType, () =>
            {
                loadAddress();
                il.Emit(OpCodes.Ldflda, field);
            });
        }
    }
}
