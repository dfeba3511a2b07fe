using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;

namespace Winnow.Kernels.Rules.Tests.Rules;

/// <summary>What is said of the types of parameters, locals and fields.</summary>
internal static class TypeRules
{
    private const int MaxParameters = 14;
    private static readonly Assembly Ilgpu = typeof(ArrayView<>).Assembly;

    /// <summary>Why a type may not be used in a kernel; null where it may.</summary>
    public static string? Check(Type type)
    {
        if (type.IsByRef)
        {
            return Check(type.GetElementType()!);
        }

        if (type == typeof(void) || type.IsPrimitive && type != typeof(nint) && type != typeof(nuint) || type.IsEnum)
        {
            return null;
        }

        if (type.IsPointer || type.IsByRefLike || !type.IsValueType || type == typeof(nint) || type == typeof(nuint))
        {
            return $"the type '{type.Name}' is not translated; use structs, views and numbers.";
        }

        return type.Assembly == typeof(object).Assembly ? CheckBcl(type) : CheckStruct(type);
    }

    /// <summary>Why a method may not be a kernel's entry point; null where it may.</summary>
    public static string? CheckEntry(MethodInfo method)
    {
        ParameterInfo[] parameters = method.GetParameters();
        if (!method.IsStatic || method.ReturnType != typeof(void) || method.ContainsGenericParameters)
        {
            return "a kernel is a static method without a result, closed over the type arguments of its [Kernel].";
        }

        if (parameters.Length > MaxParameters)
        {
            return $"a kernel takes at most {MaxParameters} parameters; put some into a struct.";
        }

        foreach (ParameterInfo parameter in parameters)
        {
            if (parameter.ParameterType.IsByRef || !IsBlittable(parameter.ParameterType))
            {
                return $"parameter '{parameter.Name}' is by reference or holds a bool or char; use byte or ushort.";
            }
        }

        return null;
    }

    private static string? CheckBcl(Type type) => type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal)
        ? type.GetGenericArguments().Select(Check).FirstOrDefault(advice => advice is not null)
        : $"the type '{type.Name}' is not translated; use ILGPU.Half for halves, and own structs.";

    private static string? CheckStruct(Type type)
    {
        if (type.Assembly == Ilgpu)
        {
            return type.GetGenericArguments().Select(Check).FirstOrDefault(advice => advice is not null);
        }

        StructLayoutAttribute layout = type.StructLayoutAttribute!;
        if (layout.Value != LayoutKind.Sequential || layout.Pack is > 0 and < 8)
        {
            return $"the struct '{type.Name}' has a layout of its own, which the device does not follow; use the default, or read bytes.";
        }

        return Fields(type).Select(field => Check(field.FieldType)).FirstOrDefault(advice => advice is not null);
    }

    private static bool IsBlittable(Type type)
    {
        if (type == typeof(bool) || type == typeof(char))
        {
            return false;
        }

        if (type.IsPrimitive || type.IsEnum)
        {
            return true;
        }

        return type.Assembly == Ilgpu ? type.GetGenericArguments().All(IsBlittable) : Fields(type).All(field => IsBlittable(field.FieldType));
    }

    private static IEnumerable<FieldInfo> Fields(Type type) => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
}
