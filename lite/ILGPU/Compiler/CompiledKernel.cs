using System.Collections.Concurrent;
using System.Reflection;

namespace ILGPU.Compiler;

/// <summary>A kernel that can run.</summary>
/// <param name="Name">Its name, for messages.</param>
/// <param name="IsImplicit">Whether its first parameter is its index.</param>
/// <param name="Arguments">Where its arguments lie.</param>
/// <param name="Step">Runs a lane.</param>
/// <param name="Points">Where lanes wait.</param>
/// <param name="FrameBytes">What a lane keeps while others run.</param>
/// <param name="SlotBytes">The largest value that lanes exchange.</param>
/// <param name="SiteCount">How many places allocate shared or local memory.</param>
/// <param name="UsesDynamicMemory">Whether it takes dynamic shared memory.</param>
internal sealed record CompiledKernel(
    string Name,
    bool IsImplicit,
    ArgumentLayout Arguments,
    LaneStep Step,
    IReadOnlyList<SuspensionPoint> Points,
    int FrameBytes,
    int SlotBytes,
    int SiteCount,
    bool UsesDynamicMemory)
{
    private static readonly ConcurrentDictionary<(MethodInfo Method, bool IsImplicit), CompiledKernel> Cache = new();

    /// <summary>Compiles a kernel, once for a process and its type arguments.</summary>
    /// <param name="method">The method.</param>
    /// <param name="isImplicit">Whether its first parameter is its index.</param>
    /// <returns>The kernel.</returns>
    /// <exception cref="InternalCompilerException">It has what kernels cannot have.</exception>
    internal static CompiledKernel Of(MethodInfo method, bool isImplicit)
    {
        ArgumentNullException.ThrowIfNull(method);
        return Cache.GetOrAdd((method, isImplicit), static key => Compile(key.Method, key.IsImplicit));
    }

    private static CompiledKernel Compile(MethodInfo method, bool isImplicit)
    {
        string name = $"{method.DeclaringType?.Name}.{method.Name}";
        if (method.ReturnType != typeof(void) || method.ContainsGenericParameters)
        {
            throw new InternalCompilerException($"Kernel '{name}' returns '{method.ReturnType.Name}' or has open type parameters; kernels return void and are closed.");
        }

        if (!method.IsStatic && method.DeclaringType!.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length > 0)
        {
            throw new InternalCompilerException($"Kernel '{name}' belongs to an object or captures variables; kernels are static methods, or lambdas that capture nothing.");
        }

        ArgumentLayout layout = ArgumentLayout.Of(method, isImplicit);
        FlatKernel flat = Flattener.Flatten(method, layout);
        if (isImplicit && flat.Points.Count > 0)
        {
            throw new InternalCompilerException($"The implicitly grouped kernel '{name}' has {flat.Points[0]}; only kernels loaded with 'LoadKernel' or 'LoadStreamKernel' may wait for other lanes.");
        }

        int frameBytes = Liveness.Analyse(flat, name);
        return new(name, isImplicit, layout, LaneEmitter.Emit(flat, name), flat.Points, frameBytes, flat.SlotBytes, flat.SiteCount, flat.UsesDynamicMemory);
    }
}
