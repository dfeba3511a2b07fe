using System.Reflection;

namespace ILGPU.Compiler;

/// <summary>A place in a kernel's code where lanes wait.</summary>
/// <param name="Scope">For whom they wait.</param>
/// <param name="Take">The method of <see cref="Execution.LaneExchange"/> that gives the result; null where there is none.</param>
/// <param name="Call">What was called, for messages.</param>
/// <param name="Caller">The method that called it, for messages.</param>
/// <param name="Offset">The place in that method's IL.</param>
internal sealed record SuspensionPoint(SuspensionScope Scope, string? Take, MethodBase Call, MethodBase Caller, int Offset)
{
    public override string ToString() => $"{Call.DeclaringType!.Name}.{Call.Name} in {Caller.Name} (IL {Offset})";
}
