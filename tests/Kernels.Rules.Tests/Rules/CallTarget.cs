using System.Reflection;

namespace Winnow.Kernels.Rules.Tests.Rules;

/// <summary>The method that a call reaches, as ILGPU finds it: through the interface map of the constraining type.</summary>
internal static class CallTarget
{
    /// <summary>The target; null for a virtual call that no constraint resolves.</summary>
    public static MethodBase? Resolve(MethodBase called, Type? constrained)
    {
        if (called is not MethodInfo { IsVirtual: true } method)
        {
            return called;
        }

        if (constrained is null)
        {
            return method.DeclaringType!.IsValueType ? method : null;
        }

        if (!method.DeclaringType!.IsInterface)
        {
            return Find(constrained, method);
        }

        MethodInfo sought = method.IsGenericMethod ? method.GetGenericMethodDefinition() : method;
        InterfaceMapping map = constrained.GetInterfaceMap(method.DeclaringType);
        int at = Array.FindIndex(map.InterfaceMethods, candidate => candidate == sought);
        MethodInfo? target = at < 0 ? null : map.TargetMethods[at];
        return target is not null && method.IsGenericMethod ? target.MakeGenericMethod(method.GetGenericArguments()) : target;
    }

    private static MethodInfo? Find(Type type, MethodInfo method) => type.GetMethod(
        method.Name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly, [.. method.GetParameters().Select(parameter => parameter.ParameterType)]);
}
