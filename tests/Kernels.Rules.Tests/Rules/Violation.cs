using System.Reflection;
using Winnow.Kernels.Rules.Tests.Il;

namespace Winnow.Kernels.Rules.Tests.Rules;

/// <summary>Something in a kernel, or in what it calls, that ILGPU does not translate or translates wrongly.</summary>
/// <param name="Kernel">The kernel's name.</param>
/// <param name="Method">The method that holds it.</param>
/// <param name="Instruction">The instruction; null for a finding about the method as a whole.</param>
/// <param name="Advice">What is wrong with it, and what to use.</param>
internal sealed record Violation(string Kernel, MethodBase Method, Instruction? Instruction, string Advice)
{
    public override string ToString()
    {
        string place = Instruction is null ? "" : $" at IL_{Instruction.Offset:x4} '{Instruction}'";
        return $"Kernel '{Kernel}', method '{Method.DeclaringType?.Name}.{Method.Name}'{place}: {Advice}";
    }
}
