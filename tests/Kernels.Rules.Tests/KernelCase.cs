using System.Reflection;
using Winnow.GpuWorker.Kernels;

namespace Winnow.Kernels.Rules.Tests;

/// <summary>A kernel as it is launched: its marker, and the method closed over the marker's type arguments.</summary>
/// <param name="Attribute">The marker.</param>
/// <param name="Method">The method.</param>
internal sealed record KernelCase(KernelAttribute Attribute, MethodInfo Method)
{
    private const BindingFlags AnyStatic = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>All kernels of an assembly or of one type.</summary>
    public static IReadOnlyList<KernelCase> Of(IEnumerable<Type> types) =>
    [
        .. from type in types
           from method in type.GetMethods(AnyStatic)
           from attribute in method.GetCustomAttributes<KernelAttribute>()
           select new KernelCase(attribute, attribute.TypeArguments.Length > 0 ? method.MakeGenericMethod(attribute.TypeArguments) : method),
    ];

    public override string ToString() => $"{Attribute.Name} ({Method.DeclaringType!.Name}.{Method.Name})";
}
