using System.Reflection;
using System.Reflection.Emit;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace Winnow.Kernels.Ptx.Tests.Runtime;

/// <summary>
/// An accelerator that translates kernels to PTX, as a CUDA device would have it, and runs the PTX in a machine of our own. It keeps its memory on the host, so that
/// everything but the kernels is ILGPU's CPU code.
/// </summary>
internal sealed class PtxAccelerator : Accelerator
{
    private static readonly MethodInfo RunMethod = typeof(PtxKernel).GetMethod(nameof(PtxKernel.Run))!;
    private readonly PTXBackend _backend;

    public PtxAccelerator(Context context, CPUDevice device)
        : base(context, device)
    {
        NativePtr = 1;
        DefaultStream = new PtxStream(this);
        _backend = new PTXBackend(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_80, null!);
        Bind();
        Init(_backend);
    }

    /// <summary>How often the host waited for all of the accelerator.</summary>
    public int WholeWaits { get; private set; }

    /// <summary>How often the host waited for a stream.</summary>
    public int StreamWaits { get; private set; }

    public void CountStreamWait() => StreamWaits++;

    public override TExtension CreateExtension<TExtension, TExtensionProvider>(TExtensionProvider provider) => throw new NotSupportedException();

    protected override AcceleratorStream CreateStreamInternal() => new PtxStream(this);

    protected override void SynchronizeInternal() => WholeWaits++;

    protected override MemoryBuffer AllocateRawInternal(long length, int elementSize) => CPUMemoryBuffer.Create(this, length, elementSize);

    protected override Kernel LoadKernelInternal(CompiledKernel kernel)
    {
        Type[] parameters = [.. kernel.SourceMethod.GetParameters().Select(parameter => parameter.ParameterType)];
        Type[] launch = [typeof(Kernel), typeof(AcceleratorStream), typeof(KernelConfig), .. parameters];
        var method = new DynamicMethod("Launch", typeof(void), launch, typeof(PtxKernel).Module, skipVisibility: true);
        EmitLaunch(method.GetILGenerator(), parameters);
        return new PtxKernel(this, (PTXCompiledKernel)kernel, method);
    }

    protected override Kernel LoadImplicitlyGroupedKernelInternal(CompiledKernel kernel, int customGroupSize, out KernelInfo? kernelInfo) =>
        throw new NotSupportedException("Kernels are launched with explicit groups.");

    protected override Kernel LoadAutoGroupedKernelInternal(CompiledKernel kernel, out KernelInfo? kernelInfo) =>
        throw new NotSupportedException("Kernels are launched with explicit groups.");

    protected override int EstimateMaxActiveGroupsPerMultiprocessorInternal(Kernel kernel, int groupSize, int dynamicSharedMemorySizeInBytes) => 1;

    protected override int EstimateGroupSizeInternal(Kernel kernel, Func<int, int> computeSharedMemorySize, int maxGroupSize, out int minGridSize) =>
        minGridSize = 1;

    protected override int EstimateGroupSizeInternal(Kernel kernel, int dynamicSharedMemorySizeInBytes, int maxGroupSize, out int minGridSize) => minGridSize = 1;

    protected override PageLockScope<T> CreatePageLockFromPinnedInternal<T>(IntPtr pinned, long numElements) => new HostScope<T>(this, pinned, numElements);

    protected override bool CanAccessPeerInternal(Accelerator otherAccelerator) => false;

    protected override void EnablePeerAccessInternal(Accelerator otherAccelerator)
    {
    }

    protected override void DisablePeerAccessInternal(Accelerator otherAccelerator)
    {
    }

    protected override void OnBind()
    {
    }

    protected override void OnUnbind()
    {
    }

    protected override void DisposeAccelerator_SyncRoot(bool disposing)
    {
        if (disposing)
        {
            _backend.Dispose();
        }
    }

    /// <summary>Boxes the parameters and hands them to <see cref="PtxKernel.Run"/>.</summary>
    private static void EmitLaunch(ILGenerator il, Type[] parameters)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Castclass, typeof(PtxKernel));
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Ldc_I4, parameters.Length);
        il.Emit(OpCodes.Newarr, typeof(object));
        for (int i = 0; i < parameters.Length; i++)
        {
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldarg, i + 3);
            il.Emit(OpCodes.Box, parameters[i]);
            il.Emit(OpCodes.Stelem_Ref);
        }

        il.Emit(OpCodes.Callvirt, RunMethod);
        il.Emit(OpCodes.Ret);
    }
}
