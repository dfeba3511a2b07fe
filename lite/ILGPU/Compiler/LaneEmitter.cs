using System.Reflection;
using System.Reflection.Emit;
using ILGPU.Execution;

namespace ILGPU.Compiler;

/// <summary>Writes a kernel's steps as a method that runs one lane from where it waits to where it waits next.</summary>
internal sealed class LaneEmitter
{
    private readonly FlatKernel _kernel;
    private readonly ILGenerator _il;
    private readonly LocalBuilder _frame;
    private readonly LocalBuilder _arguments;
    private readonly Label[] _resume;

    private LaneEmitter(FlatKernel kernel, ILGenerator il)
    {
        _kernel = kernel;
        _il = il;
        _frame = il.DeclareLocal(typeof(byte*));
        _arguments = il.DeclareLocal(typeof(byte*));
        _resume = [.. kernel.Points.Select(_ => il.DefineLabel())];
    }

    /// <summary>Emits the method.</summary>
    /// <param name="kernel">The steps, after <see cref="Liveness"/>.</param>
    /// <param name="name">The kernel's name.</param>
    /// <returns>The method.</returns>
    internal static LaneStep Emit(FlatKernel kernel, string name)
    {
        DynamicMethod method = new(name, typeof(int), [typeof(GroupContext*), typeof(LaneContext*)], typeof(LaneEmitter).Module, skipVisibility: true) { InitLocals = false };
        new LaneEmitter(kernel, method.GetILGenerator()).EmitAll();
        return method.CreateDelegate<LaneStep>();
    }

    private void EmitAll()
    {
        LoadContextField(OpCodes.Ldarg_1, typeof(LaneContext), nameof(LaneContext.Frame));
        _il.Emit(OpCodes.Stloc, _frame);
        LoadContextField(OpCodes.Ldarg_0, typeof(GroupContext), nameof(GroupContext.Arguments));
        _il.Emit(OpCodes.Stloc, _arguments);
        if (_resume.Length > 0)
        {
            LoadContextField(OpCodes.Ldarg_1, typeof(LaneContext), nameof(LaneContext.State));
            _il.Emit(OpCodes.Ldc_I4_1);
            _il.Emit(OpCodes.Sub);
            _il.Emit(OpCodes.Switch, _resume);
        }

        foreach (Variable variable in _kernel.Variables.Where(variable => variable.IsArgument))
        {
            LoadArgument(variable);
            Store(variable);
        }

        _kernel.Ops.ForEach(EmitOp);
    }

    private void EmitOp(FlatOp op)
    {
        switch (op.Kind)
        {
            case FlatKind.Load:
                Load((Variable)op.Operand!);
                break;
            case FlatKind.Store:
                Store((Variable)op.Operand!);
                break;
            case FlatKind.Address:
                Address((Variable)op.Operand!);
                break;
            case FlatKind.Branch:
                Branch(op.OpCode, (FlatLabel[])op.Operand!);
                break;
            case FlatKind.Label:
                _il.MarkLabel(Defined((FlatLabel)op.Operand!));
                break;
            case FlatKind.GroupValue:
                _il.Emit(OpCodes.Ldarg_0);
                _il.Emit(OpCodes.Ldfld, (FieldInfo)op.Operand!);
                break;
            case FlatKind.LaneValue:
                _il.Emit(OpCodes.Ldarg_1);
                _il.Emit(OpCodes.Ldfld, (FieldInfo)op.Operand!);
                break;
            case FlatKind.ContextCall:
                ContextCall((MethodInfo)op.Operand!);
                break;
            case FlatKind.SiteCall:
                SiteCall(((MethodInfo Method, int Site))op.Operand!);
                break;
            case FlatKind.Suspend:
                Suspend(op);
                break;
            case FlatKind.Return:
                _il.Emit(OpCodes.Ldc_I4_0);
                _il.Emit(OpCodes.Ret);
                break;
            default:
                Plain(op.OpCode, op.Operand);
                break;
        }
    }

    private void Suspend(FlatOp op)
    {
        int state = (int)op.Operand!;
        List<Variable> kept = [.. op.Live!.Where(variable => !variable.IsInFrame)];
        foreach (Variable variable in kept.Where(variable => !variable.IsReloaded))
        {
            FrameAddress(variable);
            _il.Emit(OpCodes.Ldloc, LocalOf(variable));
            _il.Emit(OpCodes.Stobj, FrameType(variable));
        }

        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldc_I4, state);
        _il.Emit(OpCodes.Stfld, typeof(LaneContext).GetField(nameof(LaneContext.State))!);
        _il.Emit(OpCodes.Ldc_I4, state);
        _il.Emit(OpCodes.Ret);
        _il.MarkLabel(_resume[state - 1]);
        foreach (Variable variable in kept)
        {
            if (variable.IsReloaded)
            {
                LoadArgument(variable);
            }
            else
            {
                FrameAddress(variable);
                _il.Emit(OpCodes.Ldobj, FrameType(variable));
            }

            _il.Emit(OpCodes.Stloc, LocalOf(variable));
        }
    }

    private void Load(Variable variable)
    {
        if (variable.IsInFrame)
        {
            FrameAddress(variable);
            _il.Emit(OpCodes.Ldobj, variable.Type);
        }
        else
        {
            _il.Emit(OpCodes.Ldloc, LocalOf(variable));
        }
    }

    private void Store(Variable variable)
    {
        _il.Emit(OpCodes.Stloc, LocalOf(variable));
        if (variable.IsInFrame)
        {
            FrameAddress(variable);
            _il.Emit(OpCodes.Ldloc, LocalOf(variable));
            _il.Emit(OpCodes.Stobj, variable.Type);
        }
    }

    private void Address(Variable variable)
    {
        if (variable.IsInFrame)
        {
            FrameAddress(variable);
        }
        else
        {
            _il.Emit(OpCodes.Ldloca, LocalOf(variable));
        }
    }

    private void FrameAddress(Variable variable)
    {
        _il.Emit(OpCodes.Ldloc, _frame);
        _il.Emit(OpCodes.Ldc_I4, variable.FrameOffset);
        _il.Emit(OpCodes.Add);
    }

    private void LoadArgument(Variable variable)
    {
        if (variable.IsImplicitIndex)
        {
            _il.Emit(OpCodes.Ldarg_1);
            _il.Emit(OpCodes.Ldflda, typeof(LaneContext).GetField(nameof(LaneContext.ImplicitIndex))!);
        }
        else
        {
            _il.Emit(OpCodes.Ldloc, _arguments);
            _il.Emit(OpCodes.Ldc_I4, variable.ArgumentOffset);
            _il.Emit(OpCodes.Add);
        }

        _il.Emit(OpCodes.Ldobj, variable.Type);
    }

    private void Branch(OpCode code, FlatLabel[] labels)
    {
        Label[] targets = [.. labels.Select(Defined)];
        if (code == OpCodes.Switch)
        {
            _il.Emit(code, targets);
        }
        else
        {
            _il.Emit(code, targets[0]);
        }
    }

    private Label Defined(FlatLabel label)
    {
        if (!label.IsDefined)
        {
            label.Emitted = _il.DefineLabel();
            label.IsDefined = true;
        }

        return label.Emitted;
    }

    private void ContextCall(MethodInfo method)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Call, method);
    }

    private void SiteCall((MethodInfo Method, int Site) call)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldc_I4, call.Site);
        _il.Emit(OpCodes.Call, call.Method);
    }

    private void LoadContextField(OpCode argument, Type context, string field)
    {
        _il.Emit(argument);
        _il.Emit(OpCodes.Ldfld, context.GetField(field)!);
    }

    private LocalBuilder LocalOf(Variable variable) => variable.Local ??= _il.DeclareLocal(variable.Type);

    private static Type FrameType(Variable variable) => variable.Type.IsByRef || variable.Type.IsPointer ? typeof(nint) : variable.Type;

    private void Plain(OpCode code, object? operand)
    {
        switch (operand)
        {
            case null:
                _il.Emit(code);
                break;
            case sbyte number:
                _il.Emit(code, number);
                break;
            case byte number:
                _il.Emit(code, number);
                break;
            case int number:
                _il.Emit(code, number);
                break;
            case long number:
                _il.Emit(code, number);
                break;
            case float number:
                _il.Emit(code, number);
                break;
            case double number:
                _il.Emit(code, number);
                break;
            case string text:
                _il.Emit(code, text);
                break;
            case Type type:
                _il.Emit(code, type);
                break;
            case FieldInfo field:
                _il.Emit(code, field);
                break;
            case ConstructorInfo constructor:
                _il.Emit(code, constructor);
                break;
            default:
                _il.Emit(code, (MethodInfo)operand);
                break;
        }
    }
}
