using System.Reflection;
using ILGPU;

namespace Winnow.Kernels.Rules.Tests.Ptx;

/// <summary>
/// Makes PTX of a kernel with no GPU. The backend is reached by reflection, because the lite edition has none and this code is the same in both builds.
/// </summary>
internal sealed class PtxCompiler : IDisposable
{
    private static readonly Assembly Ilgpu = typeof(ArrayView<>).Assembly;

    private readonly Context _context;
    private readonly object _backend;
    private readonly MethodInfo _compile;
    private readonly MethodInfo _describe;
    private readonly object _specialization;

    /// <param name="architecture">The architecture, such as <c>SM_80</c>.</param>
    public PtxCompiler(string architecture)
    {
        _context = Context.Create(builder => builder.Optimize(OptimizationLevel.O2));
        Type backend = Find("ILGPU.Backends.PTX.PTXBackend");
        object target = Constant("ILGPU.Runtime.Cuda.CudaArchitecture", architecture);
        object instructions = Constant("ILGPU.Runtime.Cuda.CudaInstructionSet", "ISA_80");
        ConstructorInfo create = backend.GetConstructor([typeof(Context), target.GetType(), instructions.GetType(), Find("ILGPU.Runtime.Cuda.NvvmAPI")])!;
        _backend = create.Invoke([_context, target, instructions, null]);
        Type description = Find("ILGPU.Backends.EntryPoints.EntryPointDescription");
        Type specialization = Find("ILGPU.Runtime.KernelSpecialization");
        _describe = description.GetMethod("FromExplicitlyGroupedKernel", [typeof(MethodInfo)])!;
        _compile = backend.GetMethod("Compile", [description.MakeByRefType(), specialization.MakeByRefType()])!;
        _specialization = Activator.CreateInstance(specialization)!;
    }

    /// <summary>Whether this build has the PTX backend.</summary>
    public static bool Exists => Ilgpu.GetType("ILGPU.Backends.PTX.PTXBackend") is not null;

    /// <summary>The PTX of an explicitly grouped kernel. After a failure the compiler must not be used again.</summary>
    /// <exception cref="TargetInvocationException">ILGPU refused the kernel.</exception>
    public string Compile(MethodInfo kernel)
    {
        object entry = _describe.Invoke(null, [kernel])!;
        object compiled = _compile.Invoke(_backend, [entry, _specialization])!;
        return (string)compiled.GetType().GetProperty("PTXAssembly")!.GetValue(compiled)!;
    }

    public void Dispose()
    {
        ((IDisposable)_backend).Dispose();
        _context.Dispose();
    }

    private static Type Find(string name) => Ilgpu.GetType(name, throwOnError: true)!;

    private static object Constant(string type, string field) => Find(type).GetField(field)!.GetValue(null)!;
}
