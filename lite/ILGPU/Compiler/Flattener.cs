using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using ILGPU.Execution;

namespace ILGPU.Compiler;

/// <summary>
/// Turns a kernel into one list of steps: what needs its lane is inlined, intrinsics are replaced, and before each call at which lanes wait the
/// evaluation stack is put into variables.
/// </summary>
internal sealed class Flattener
{
    private const int DeepestInlining = 64;
    private readonly List<FlatOp> _ops = [];
    private readonly List<Variable> _variables = [];
    private readonly List<SuspensionPoint> _points = [];
    private readonly EvaluationStack _stack = new();
    private int _sites;
    private int _slotBytes;
    private int _depth;
    private bool _usesDynamicMemory;
    private bool _reachable = true;

    private Flattener()
    {
    }

    /// <summary>Flattens a kernel.</summary>
    /// <param name="kernel">The method.</param>
    /// <param name="layout">Where its arguments lie.</param>
    /// <returns>The steps.</returns>
    /// <exception cref="InternalCompilerException">The kernel has what kernels cannot have.</exception>
    internal static FlatKernel Flatten(MethodInfo kernel, ArgumentLayout layout)
    {
        Flattener flattener = new();
        Variable[] arguments = [.. layout.Places.Select(place => flattener.AddVariable(place.Type, place.Offset, place.IsImplicitIndex))];
        if (!kernel.IsStatic)
        {
            arguments = [flattener.AddVariable(typeof(object), -1, false), .. arguments];
        }

        flattener.Inline(kernel, arguments, result: null, end: null);
        flattener.ReplaceCopies();
        return new(flattener._ops, flattener._variables, flattener._points, flattener._sites, flattener._slotBytes, flattener._usesDynamicMemory);
    }

    private Variable AddVariable(Type type, int argumentOffset = -1, bool isImplicitIndex = false)
    {
        Variable variable = new(type, _variables.Count) { ArgumentOffset = argumentOffset, IsImplicitIndex = isImplicitIndex };
        _variables.Add(variable);
        return variable;
    }

    private void Inline(MethodBase method, Variable[] arguments, Variable? result, FlatLabel? end)
    {
        MethodBody body = method.GetMethodBody() ?? throw new InternalCompilerException($"'{method.Name}' has no body that kernels could run; call a method written in C#.");
        if (body.ExceptionHandlingClauses.Count > 0)
        {
            throw new InternalCompilerException($"'{method.Name}' has exception handlers, which kernels cannot have; remove 'try', 'using', 'lock' and 'foreach' over enumerators.");
        }

        if (++_depth > DeepestInlining)
        {
            throw new InternalCompilerException($"'{method.Name}' calls itself, which kernels cannot do; use a loop.");
        }

        List<IlInstruction> instructions = IlReader.Read(method, body);
        MethodScope scope = new(method, arguments, [.. body.LocalVariables.Select(local => AddVariable(local.LocalType))], result, end, LabelsOf(instructions));
        Type? constrained = null;
        for (int i = 0; i < instructions.Count; i++)
        {
            IlInstruction instruction = instructions[i];
            PlaceLabel(scope, instruction.Offset);
            if (!_reachable)
            {
                continue;
            }

            if (instruction.Code == ILOpCode.Constrained)
            {
                constrained = (Type)instruction.Operand!;
                continue;
            }

            Translate(scope, instruction, constrained);
            constrained = null;
        }

        _depth--;
    }

    private static Dictionary<int, FlatLabel> LabelsOf(List<IlInstruction> instructions)
        => instructions.Where(instruction => instruction.Operand is int[]).SelectMany(instruction => (int[])instruction.Operand!).Distinct().ToDictionary(target => target, _ => new FlatLabel());

    private void PlaceLabel(MethodScope scope, int offset)
    {
        if (scope.Labels.TryGetValue(offset, out FlatLabel? label))
        {
            PlaceLabel(label);
        }
    }

    private void PlaceLabel(FlatLabel label)
    {
        if (_reachable)
        {
            Join(label);
        }

        _stack.Restore(label.Stack ?? []);
        _reachable = true;
        _ops.Add(new(FlatKind.Label, OpCodes.Nop, label));
    }

    /// <summary>Remembers the stack at a label; where several jumps meet, addresses may point to what any of them had.</summary>
    private void Join(FlatLabel label)
    {
        StackItem[] here = _stack.Snapshot();
        label.Stack = label.Stack is { } there && there.Length == here.Length
            ? [.. there.Zip(here, (first, second) => first with { Targets = first.Targets.Union(second.Targets), Source = first.Source == second.Source ? first.Source : null })]
            : here;
    }

    private void Translate(MethodScope scope, IlInstruction instruction, Type? constrained)
    {
        if (scope.VariableOf(instruction) is { } variable)
        {
            TranslateVariable(instruction, variable);
        }
        else if (instruction.Operand is int[] targets)
        {
            TranslateBranch(scope, instruction, targets);
        }
        else if (instruction.Code == ILOpCode.Ret)
        {
            TranslateReturn(scope);
        }
        else if (instruction.Code is ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj)
        {
            TranslateCall(scope, instruction, constrained);
        }
        else
        {
            _stack.Apply(instruction);
            Emit(FlatKind.Plain, instruction.OpCode, instruction.Operand);
            _reachable = instruction.Code != ILOpCode.Throw;
        }
    }

    private void TranslateVariable(IlInstruction instruction, Variable variable)
    {
        string name = instruction.OpCode.Name!;
        if (name.StartsWith("st", StringComparison.Ordinal))
        {
            Store(variable);
        }
        else if (name.StartsWith("ldloca", StringComparison.Ordinal) || name.StartsWith("ldarga", StringComparison.Ordinal))
        {
            _stack.Push(new StackItem(variable.Type.MakeByRefType(), [variable]));
            Emit(FlatKind.Address, OpCodes.Nop, variable);
        }
        else
        {
            Load(variable);
        }
    }

    private void TranslateBranch(MethodScope scope, IlInstruction instruction, int[] targets)
    {
        if (instruction.Code is ILOpCode.Leave or ILOpCode.Leave_s)
        {
            throw new InternalCompilerException($"'{scope.Method.Name}' has exception handlers, which kernels cannot have; remove them.");
        }

        bool isJump = instruction.Code is ILOpCode.Br or ILOpCode.Br_s;
        int operands = isJump ? 0 : instruction.OpCode.StackBehaviourPop is StackBehaviour.Pop1_pop1 ? 2 : 1;
        for (int i = 0; i < operands; i++)
        {
            _stack.Pop();
        }

        FlatLabel[] labels = [.. targets.Select(target => scope.Labels[target])];
        Array.ForEach(labels, Join);
        Emit(FlatKind.Branch, LongForm.Of(instruction.OpCode), labels);
        _reachable = !isJump;
    }

    private void TranslateReturn(MethodScope scope)
    {
        if (scope.End is null)
        {
            Emit(FlatKind.Return, OpCodes.Ret, null);
        }
        else
        {
            if (scope.Result is { } result)
            {
                Store(result);
            }

            Join(scope.End);
            Emit(FlatKind.Branch, OpCodes.Br, new[] { scope.End });
        }

        _reachable = false;
    }

    private void TranslateCall(MethodScope scope, IlInstruction instruction, Type? constrained)
    {
        var called = (MethodBase)instruction.Operand!;
        MethodBase target = LaneAnalysis.ResolveConstrained(called, constrained);
        if (target.GetCustomAttribute<LaneValueAttribute>() is { } value)
        {
            bool ofLane = value.Source == LaneValueSource.Lane;
            FieldInfo field = (ofLane ? typeof(LaneContext) : typeof(GroupContext)).GetField(value.Field)!;
            Emit(ofLane ? FlatKind.LaneValue : FlatKind.GroupValue, OpCodes.Nop, field);
            _stack.Push(field.FieldType);
        }
        else if (target.GetCustomAttribute<SuspensionAttribute>() is { } suspension)
        {
            Suspend(scope, instruction, (MethodInfo)target, suspension);
        }
        else if (target.GetCustomAttribute<MemorySiteAttribute>() is { } site)
        {
            _stack.Apply(instruction);
            _usesDynamicMemory |= site.Allocate == nameof(KernelMemory.Dynamic);
            Emit(FlatKind.SiteCall, OpCodes.Nop, (ContextMethod(typeof(KernelMemory), site.Allocate, target), _sites++));
        }
        else if (LaneAnalysis.NeedsLane(target))
        {
            InlineCall(instruction, target);
        }
        else
        {
            if (constrained is not null)
            {
                Emit(FlatKind.Plain, OpCodes.Constrained, constrained);
            }

            _stack.Apply(instruction);
            Emit(FlatKind.Plain, instruction.OpCode, called);
        }
    }

    private void Suspend(MethodScope scope, IlInstruction instruction, MethodInfo target, SuspensionAttribute suspension)
    {
        StackItem[] before = _stack.Snapshot();
        _stack.Apply(instruction);
        int operands = target.GetParameters().Length;
        _stack.Restore(before[..^operands]);
        if (target.IsGenericMethod)
        {
            _slotBytes = Math.Max(_slotBytes, TypeLayout.SizeOf(target.GetGenericArguments()[0]));
        }

        Emit(FlatKind.ContextCall, OpCodes.Nop, ContextMethod(typeof(LaneExchange), suspension.Offer, target));
        List<Variable> spilled = Spill();
        _points.Add(new(suspension.Scope, suspension.Take, target, scope.Method, instruction.Offset));
        Emit(FlatKind.Suspend, OpCodes.Nop, _points.Count);
        spilled.ForEach(Load);
        if (suspension.Take is { } take)
        {
            Emit(FlatKind.ContextCall, OpCodes.Nop, ContextMethod(typeof(LaneExchange), take, target));
            _stack.Push(target.ReturnType);
        }
    }

    private void InlineCall(IlInstruction instruction, MethodBase target)
    {
        if (instruction.Code == ILOpCode.Newobj)
        {
            throw new InternalCompilerException($"The constructor of '{target.DeclaringType!.Name}' needs its lane, which constructors cannot; compute the values before and pass them.");
        }

        List<Type> types = [.. target.GetParameters().Select(parameter => parameter.ParameterType)];
        if (!target.IsStatic)
        {
            types.Insert(0, target.DeclaringType!.IsValueType ? target.DeclaringType.MakeByRefType() : target.DeclaringType);
        }

        Variable[] arguments = [.. types.Select(type => AddVariable(type))];
        for (int i = arguments.Length - 1; i >= 0; i--)
        {
            arguments[i].CopyOf = _stack.Peek().Source;
            Store(arguments[i]);
        }

        List<Variable> spilled = Spill();
        Type returned = EvaluationStack.ResultOf(target);
        Variable? result = returned == typeof(void) ? null : AddVariable(returned);
        FlatLabel end = new();
        Inline(target, arguments, result, end);
        PlaceLabel(end);
        spilled.ForEach(Load);
        if (result is not null)
        {
            Load(result);
        }
    }

    /// <summary>Puts the whole stack into variables, and returns them from the bottom up.</summary>
    private List<Variable> Spill()
    {
        List<Variable> spilled = [];
        while (_stack.Count > 0)
        {
            StackItem top = _stack.Peek();
            Variable variable = AddVariable(top.Type);
            Store(variable);
            spilled.Insert(0, variable);
        }

        return spilled;
    }

    /// <summary>Parameters that always have their argument's value are not copied: the argument is read instead.</summary>
    private void ReplaceCopies()
    {
        for (int i = 0; i < _ops.Count; i++)
        {
            if (_ops[i].Operand is Variable variable && variable.Origin is { } origin && origin != variable)
            {
                _ops[i] = _ops[i].Kind == FlatKind.Store ? new(FlatKind.Plain, OpCodes.Pop, null) : _ops[i] with { Operand = origin };
            }
        }
    }

    private void Load(Variable variable)
    {
        StackItem item = variable.Type.IsByRef || variable.Type == typeof(nint) ? new StackItem(variable.Type, [variable]) : StackItem.Of(variable.Type);
        _stack.Push(item with { Source = variable });
        Emit(FlatKind.Load, OpCodes.Nop, variable);
    }

    private void Store(Variable variable)
    {
        StackItem stored = _stack.Pop();
        variable.Stores++;
        variable.Targets.UnionWith(stored.Targets);
        foreach (Variable target in stored.Targets)
        {
            target.IsWrittenByAddress = true;
        }

        Emit(FlatKind.Store, OpCodes.Nop, variable);
    }

    private void Emit(FlatKind kind, OpCode code, object? operand) => _ops.Add(new(kind, code, operand));

    private static MethodInfo ContextMethod(Type owner, string name, MethodBase target)
    {
        MethodInfo method = owner.GetMethod(name)!;
        return method.IsGenericMethodDefinition ? method.MakeGenericMethod(target.GetGenericArguments()) : method;
    }
}
