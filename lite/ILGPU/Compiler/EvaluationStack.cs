using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;

namespace ILGPU.Compiler;

/// <summary>Follows the types on the evaluation stack from instruction to instruction (ECMA-335, III).</summary>
internal sealed class EvaluationStack
{
    private readonly List<StackItem> _items = [];

    internal int Count => _items.Count;

    internal void Push(StackItem item) => _items.Add(item);

    internal void Push(Type type) => _items.Add(StackItem.Of(type));

    internal StackItem Pop()
    {
        StackItem top = _items[^1];
        _items.RemoveAt(_items.Count - 1);
        return top;
    }

    internal StackItem Peek() => _items[^1];

    internal StackItem[] Snapshot() => [.. _items];

    internal void Restore(StackItem[] items)
    {
        _items.Clear();
        _items.AddRange(items);
    }

    /// <summary>The effect of an instruction that is neither a jump nor one about variables.</summary>
    /// <exception cref="InternalCompilerException">Kernels cannot have the instruction.</exception>
    internal void Apply(IlInstruction instruction)
    {
        switch (instruction.Code)
        {
            case ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj:
                ApplyCall((MethodBase)instruction.Operand!, instruction.Code == ILOpCode.Newobj);
                break;
            case ILOpCode.Dup:
                Push(_items[^1] with { Source = null });
                break;
            case ILOpCode.Ldfld or ILOpCode.Ldflda or ILOpCode.Ldsfld or ILOpCode.Ldsflda or ILOpCode.Stfld or ILOpCode.Stsfld:
                ApplyField(instruction.Code, (FieldInfo)instruction.Operand!);
                break;
            case ILOpCode.Localloc:
                throw new InternalCompilerException("A kernel with barriers has 'stackalloc', whose memory ends at the first barrier; use 'LocalMemory.Allocate1D'.");
            default:
                ApplyByTable(instruction);
                break;
        }
    }

    /// <summary>What a call of a method pushes; constructors that are called on an address push nothing.</summary>
    internal static Type ResultOf(MethodBase method) => method is MethodInfo { ReturnType: var type } ? type : typeof(void);

    private void ApplyCall(MethodBase method, bool isNew)
    {
        ImmutableHashSet<Variable> targets = [];
        foreach (ParameterInfo parameter in method.GetParameters().Reverse())
        {
            targets = targets.Union(PopAddress(parameter.IsIn));
        }

        if (!method.IsStatic && !isNew)
        {
            targets = targets.Union(PopAddress(IsReadOnly(method)));
        }

        Type result = isNew ? method.DeclaringType! : ResultOf(method);
        if (result.IsByRef)
        {
            bool isOfDevice = PointsIntoDeviceMemory(method);
            MarkWritten(isOfDevice ? [] : targets);
            Push(new StackItem(result, isOfDevice ? [] : targets));
        }
        else if (result != typeof(void))
        {
            Push(result);
        }
    }

    /// <summary>Pops an operand; what it may point into counts as changed, unless it is only read.</summary>
    private ImmutableHashSet<Variable> PopAddress(bool isOnlyRead)
    {
        ImmutableHashSet<Variable> targets = Pop().Targets;
        MarkWritten(isOnlyRead ? [] : targets);
        return targets;
    }

    private static void MarkWritten(ImmutableHashSet<Variable> targets)
    {
        foreach (Variable target in targets)
        {
            target.IsWrittenByAddress = true;
        }
    }

    private static bool IsReadOnly(MethodBase method)
        => method.IsDefined(typeof(IsReadOnlyAttribute), false) || method.DeclaringType!.IsDefined(typeof(IsReadOnlyAttribute), false);

    private static bool PointsIntoDeviceMemory(MethodBase method)
        => method.DeclaringType is { IsGenericType: true } type
           && (type.GetGenericTypeDefinition() == typeof(ArrayView<>) || type.GetGenericTypeDefinition() == typeof(Runtime.ArrayView1D<,>));

    private void ApplyField(ILOpCode code, FieldInfo field)
    {
        switch (code)
        {
            case ILOpCode.Ldfld:
                Pop();
                Push(field.FieldType);
                break;
            case ILOpCode.Ldsfld:
                Push(field.FieldType);
                break;
            case ILOpCode.Ldflda:
                StackItem owner = Pop();
                Push(new StackItem(field.FieldType.MakeByRefType(), owner.Type.IsClass && !owner.Type.IsPointer && !owner.Type.IsByRef ? [Variable.ManagedMemory] : owner.Targets));
                break;
            case ILOpCode.Ldsflda:
                Push(new StackItem(field.FieldType.MakeByRefType(), [Variable.ManagedMemory]));
                break;
            case ILOpCode.Stfld:
                PopAddress(isOnlyRead: false);
                PopAddress(isOnlyRead: false);
                break;
            default:
                PopAddress(isOnlyRead: false);
                break;
        }
    }

    private void ApplyByTable(IlInstruction instruction)
    {
        StackEffect effect = StackEffect.Of(instruction.Code)
            ?? throw new InternalCompilerException($"A kernel with barriers or lane indices has the instruction '{instruction.OpCode.Name}', which GPUs cannot run; write it without objects.");
        StackItem[] popped = new StackItem[effect.Pops];
        for (int i = effect.Pops - 1; i >= 0; i--)
        {
            popped[i] = Pop();
            MarkWritten(effect.OnlyReads ? [] : popped[i].Targets);
        }

        if (effect.Pushes is { } push)
        {
            Push(push(popped, instruction.Operand as Type) with { Source = null });
        }
    }
}
