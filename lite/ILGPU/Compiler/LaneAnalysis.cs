using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;

namespace ILGPU.Compiler;

/// <summary>Finds out which methods need to know their lane, themselves or by what they call, and must therefore be inlined into the kernel.</summary>
internal static class LaneAnalysis
{
    private static readonly ConcurrentDictionary<MethodBase, bool> Known = new();

    /// <summary>Whether a method asks for a lane's place, waits for others or takes shared or local memory, itself or by what it calls.</summary>
    internal static bool NeedsLane(MethodBase method) => NeedsLane(method, []);

    /// <summary>Whether a method is one that the compiler replaces.</summary>
    internal static bool IsIntrinsic(MethodBase method)
        => method.IsDefined(typeof(LaneValueAttribute)) || method.IsDefined(typeof(SuspensionAttribute)) || method.IsDefined(typeof(MemorySiteAttribute));

    /// <summary>The method that a call through an interface reaches for a struct type argument.</summary>
    internal static MethodBase ResolveConstrained(MethodBase method, Type? constrained)
    {
        if (constrained is not { IsValueType: true } || method is not MethodInfo called)
        {
            return method;
        }

        if (!called.DeclaringType!.IsInterface)
        {
            return constrained.GetMethods(BindingFlags.Instance | BindingFlags.Public).FirstOrDefault(
                candidate => candidate.DeclaringType == constrained && candidate.GetBaseDefinition() == called.GetBaseDefinition()) ?? method;
        }

        InterfaceMapping map = constrained.GetInterfaceMap(called.DeclaringType);
        MethodInfo wanted = called.IsGenericMethod ? called.GetGenericMethodDefinition() : called;
        MethodInfo found = map.TargetMethods[Array.FindIndex(map.InterfaceMethods, candidate => candidate.MethodHandle == wanted.MethodHandle)];
        return called.IsGenericMethod ? found.MakeGenericMethod(called.GetGenericArguments()) : found;
    }

    private static bool NeedsLane(MethodBase method, HashSet<MethodBase> open)
    {
        if (Known.TryGetValue(method, out bool known))
        {
            return known;
        }

        if (IsIntrinsic(method))
        {
            return true;
        }

        if (method.DeclaringType?.Assembly == typeof(object).Assembly || !open.Add(method) || method.GetMethodBody() is not { } body)
        {
            return false;
        }

        bool needs = Callees(method, body).Any(callee => NeedsLane(callee, open));
        open.Remove(method);
        return Known[method] = needs;
    }

    private static IEnumerable<MethodBase> Callees(MethodBase method, MethodBody body)
    {
        Type? constrained = null;
        foreach (IlInstruction instruction in IlReader.Read(method, body))
        {
            if (instruction.Code == ILOpCode.Constrained)
            {
                constrained = (Type)instruction.Operand!;
                continue;
            }

            if (instruction.Operand is MethodBase callee)
            {
                yield return ResolveConstrained(callee, constrained);
            }

            constrained = null;
        }
    }
}
