using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ILGPU.Compiler;

/// <summary>Sizes of types that are known only by reflection.</summary>
internal static class TypeLayout
{
    private static readonly MethodInfo SizeMethod = typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!;
    private static readonly MethodInfo ReferencesMethod = typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!;
    private static readonly ConcurrentDictionary<Type, int> Sizes = new();

    /// <summary>The size of a value in bytes.</summary>
    internal static int SizeOf(Type type)
        => type.IsByRef || type.IsPointer ? nint.Size : Sizes.GetOrAdd(type, static key => (int)SizeMethod.MakeGenericMethod(key).Invoke(null, null)!);

    /// <summary>Whether the garbage collector must know values of the type; addresses are taken as those of device memory.</summary>
    internal static bool HasReferences(Type type)
        => !type.IsByRef && !type.IsPointer && (!type.IsValueType || (bool)ReferencesMethod.MakeGenericMethod(type).Invoke(null, null)!);
}
