using System.Collections.Frozen;
using System.Reflection;
using ILGPU;
using Winnow.Kernels.Rules.Tests.Il;

namespace Winnow.Kernels.Rules.Tests.Rules;

/// <summary>What kernels may call outside their own code: the part of the BCL that ILGPU replaces by its own, and ILGPU itself.</summary>
internal static class CallRules
{
    private static readonly Assembly Ilgpu = typeof(ArrayView<>).Assembly;

    private static readonly FrozenSet<Type> Numbers = new[]
    {
        typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double),
    }.ToFrozenSet();

    private static readonly FrozenSet<string> Bcl = new[]
    {
        "System.Math.Abs", "System.Math.Min", "System.Math.Max", "System.Math.Sqrt", "System.Math.Floor", "System.Math.Ceiling",
        "System.MathF.Abs", "System.MathF.Min", "System.MathF.Max", "System.MathF.Sqrt", "System.MathF.Floor", "System.MathF.Ceiling",
        "System.Single.IsNaN", "System.Single.IsInfinity", "System.Single.IsFinite",
        "System.Double.IsNaN", "System.Double.IsInfinity", "System.Double.IsFinite",
        "System.BitConverter.SingleToInt32Bits", "System.BitConverter.Int32BitsToSingle",
        "System.BitConverter.DoubleToInt64Bits", "System.BitConverter.Int64BitsToDouble",
        "System.Numerics.BitOperations.PopCount", "System.Numerics.BitOperations.LeadingZeroCount", "System.Numerics.BitOperations.TrailingZeroCount",
        "System.Numerics.BitOperations.RotateLeft", "System.Numerics.BitOperations.RotateRight",
    }.ToFrozenSet();

    private static readonly FrozenSet<string> IlgpuTypes = new[]
    {
        "ILGPU.ArrayView`1", "ILGPU.Runtime.ArrayView1D`2", "ILGPU.Stride1D+Dense", "ILGPU.Runtime.ArrayViewExtensions", "ILGPU.Index1D", "ILGPU.Index2D",
        "ILGPU.Index3D", "ILGPU.LongIndex1D", "ILGPU.Grid", "ILGPU.Group", "ILGPU.Warp", "ILGPU.Atomic", "ILGPU.MemoryFence", "ILGPU.SharedMemory",
        "ILGPU.LocalMemory", "ILGPU.Interop", "ILGPU.IntrinsicMath", "ILGPU.IntrinsicMath+BitOperations", "ILGPU.Half", "ILGPU.Runtime.Cuda.CudaAsm",
        "ILGPU.Runtime.Cuda.Input`1", "ILGPU.Runtime.Cuda.Output`1", "ILGPU.Runtime.Cuda.Ref`1", "ILGPU.Runtime.SpecializedValue`1",
    }.ToFrozenSet();

    private static readonly FrozenSet<string> Refused = new[]
    {
        "Write", "WriteLine", "OffsetOf", "LoadEffectiveAddress", "LoadEffectiveAddressAsPtr", "CopyTo", "CopyFrom", "CopyToCPU", "CopyFromCPU", "GetAsArray", "MemSet",
    }.ToFrozenSet();

    /// <summary>Whether a method is outside the kernels' own code, where the lists of this class decide.</summary>
    public static bool IsOutside(MethodBase method) => method.Module.Assembly == Ilgpu || IsBcl(method);

    /// <summary>Why an outside method may not be called; null where it may.</summary>
    public static string? Check(MethodText text, int index, MethodBase method) =>
        method.Module.Assembly == Ilgpu ? CheckIlgpu(text, index, method) : CheckBcl(method);

    private static bool IsBcl(MethodBase method) =>
        method.Module.Assembly == typeof(object).Assembly || method.Module.Assembly.GetName().Name!.StartsWith("System.", StringComparison.Ordinal);

    private static string? CheckIlgpu(MethodText text, int index, MethodBase method)
    {
        Type type = method.DeclaringType!;
        Type definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (!IlgpuTypes.Contains(definition.FullName!) || Refused.Contains(method.Name))
        {
            return "not translated inside kernels; see docs/decisions/005-ilgpu-kernel-subset.md for what is.";
        }

        if (definition == typeof(ILGPU.Half) && (method is not MethodInfo conversion || !Numbers.Contains(conversion.ReturnType)))
        {
            return "the CPU accelerator cuts where CUDA rounds; only make a Half a float, and round in integers.";
        }

        bool allocates = (type == typeof(SharedMemory) || type == typeof(LocalMemory)) && method.GetParameters().Length == 1;
        return allocates && !text.IsConstant(index - 1)
            ? "the size must be a constant, or a constant of a type argument; use GetDynamic for one known at run time."
            : null;
    }

    private static string? CheckBcl(MethodBase method)
    {
        Type type = method.DeclaringType!;
        if (type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal))
        {
            return method.IsConstructor ? null : "tuples may only be made and taken apart; compare their members.";
        }

        ParameterInfo[] parameters = method.GetParameters();
        bool numbersOnly = parameters.All(parameter => Numbers.Contains(parameter.ParameterType));
        string name = $"{type.FullName}.{method.Name}";
        if (numbersOnly && (Bcl.Contains(name) || (name == "System.Math.BigMul" && parameters.Length == 2 && parameters[0].ParameterType.Name.EndsWith("32", StringComparison.Ordinal))))
        {
            return null;
        }

        return name switch
        {
            "System.MathF.FusedMultiplyAdd" or "System.Math.FusedMultiplyAdd" => "becomes an unresolved extern; write 'a * b + c'.",
            "System.MathF.Truncate" or "System.Math.Truncate" => "becomes an unresolved extern; use Floor, or a cast to int.",
            "System.MathF.Exp" or "System.MathF.Log" or "System.MathF.Pow" or "System.Math.Exp" or "System.Math.Log" or "System.Math.Pow" =>
                "refused without ILGPU.Algorithms and approximate with it; use the kernels' own exp and log.",
            "System.MathF.CopySign" or "System.Math.CopySign" => "translated with its operands exchanged; join the bits by Interop.FloatAsInt and IntAsFloat.",
            "System.Math.Clamp" => "refused, it throws; use IntrinsicMath.Clamp.",
            _ when type.Name.Contains("Vector", StringComparison.Ordinal) => "vector types of the BCL are not translated; use own structs of four fields.",
            _ when type.Name is "Half" or "Unsafe" or "BitConverter" => "not translated; use Interop.FloatAsInt and IntAsFloat, and ILGPU.Half.",
            _ => "not on the list of what ILGPU translates; write it in the kernel, or add it to the list with a sample that proves its PTX.",
        };
    }
}
