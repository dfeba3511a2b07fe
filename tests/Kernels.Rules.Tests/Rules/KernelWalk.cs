using System.Reflection;
using Winnow.Kernels.Rules.Tests.Il;

namespace Winnow.Kernels.Rules.Tests.Rules;

/// <summary>Walks a kernel's IL and that of every method it calls, and collects what ILGPU would not translate.</summary>
internal sealed class KernelWalk
{
    private readonly string _kernel;
    private readonly List<Violation> _violations = [];
    private readonly HashSet<MethodBase> _seen = [];
    private readonly Stack<MethodBase> _path = [];

    private KernelWalk(string kernel) => _kernel = kernel;

    /// <summary>Everything in a kernel that may not be used.</summary>
    public static IReadOnlyList<Violation> Check(string kernel, MethodInfo entry)
    {
        var walk = new KernelWalk(kernel);
        walk.Report(entry, null, TypeRules.CheckEntry(entry));
        walk.Visit(entry);
        return walk._violations;
    }

    private void Visit(MethodBase method)
    {
        if (!_seen.Add(method))
        {
            return;
        }

        MethodBody? body = method.GetMethodBody();
        if (body is null)
        {
            Report(method, null, "has no body that could be translated.");
            return;
        }

        _path.Push(method);
        var text = new MethodText(method);
        foreach (Type type in method.GetParameters().Select(parameter => parameter.ParameterType).Concat(text.Locals).Distinct())
        {
            Report(method, null, TypeRules.Check(type));
        }

        for (int i = 0; i < text.Instructions.Count; i++)
        {
            Visit(text, i);
        }

        _path.Pop();
    }

    private void Visit(MethodText text, int index)
    {
        Instruction instruction = text.Instructions[index];
        if (instruction.Operand is not MethodBase called || instruction.OpCode.Name is not ("call" or "callvirt" or "newobj"))
        {
            Report(text.Method, instruction, InstructionRules.Check(text, index));
            return;
        }

        MethodBase? target = CallTarget.Resolve(called, instruction.Constrained);
        if (target is null)
        {
            Report(text.Method, instruction, "virtual calls on references are not translated; call through a struct type argument.");
        }
        else if (CallRules.IsOutside(target))
        {
            Report(text.Method, instruction, CallRules.Check(text, index, target));
        }
        else if (_path.Contains(target))
        {
            Report(text.Method, instruction, "recursion makes a stack on the device; use a loop.");
        }
        else if (target.DeclaringType is { IsValueType: false } type && !target.IsStatic && !type.IsInterface)
        {
            Report(text.Method, instruction, "objects are not translated; use structs.");
        }
        else
        {
            Visit(target);
        }
    }

    private void Report(MethodBase method, Instruction? instruction, string? advice)
    {
        if (advice is not null)
        {
            _violations.Add(new Violation(_kernel, method, instruction, advice));
        }
    }
}
