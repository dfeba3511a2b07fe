using System.Reflection.Emit;

namespace ILGPU.Compiler;

/// <summary>Finds which variables a lane needs after each suspension, and which must always lie in its frame.</summary>
internal static class Liveness
{
    private const int BitsPerWord = 64;

    /// <summary>Sets <see cref="FlatOp.Live"/> of the suspensions, <see cref="Variable.IsInFrame"/> and the frame offsets.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <returns>The bytes of a lane's frame.</returns>
    /// <exception cref="InternalCompilerException">A lane keeps what it cannot keep while others run.</exception>
    internal static int Analyse(FlatKernel kernel, string name)
    {
        int words = (kernel.Variables.Count + BitsPerWord - 1) / BitsPerWord;
        while (Sweep(kernel, words, record: false))
        {
        }

        Sweep(kernel, words, record: true);
        List<FlatOp> suspensions = [.. kernel.Ops.Where(op => op.Kind == FlatKind.Suspend)];
        foreach (FlatOp suspension in suspensions)
        {
            KeepTargets(suspension, kernel.Points[(int)suspension.Operand! - 1], name);
        }

        return PlaceInFrame(kernel, suspensions, name);
    }

    /// <summary>One pass from the end to the start; tells whether a label's needs grew.</summary>
    private static bool Sweep(FlatKernel kernel, int words, bool record)
    {
        bool grew = false;
        ulong[] live = new ulong[words];
        for (int i = kernel.Ops.Count - 1; i >= 0; i--)
        {
            FlatOp op = kernel.Ops[i];
            switch (op.Kind)
            {
                case FlatKind.Load:
                    Set(live, (Variable)op.Operand!);
                    break;
                case FlatKind.Store:
                    Clear(live, (Variable)op.Operand!);
                    break;
                case FlatKind.Address when IsInitialised(kernel.Ops, i):
                    Clear(live, (Variable)op.Operand!);
                    break;
                case FlatKind.Address:
                    Set(live, (Variable)op.Operand!);
                    break;
                case FlatKind.Branch:
                    TakeBranch(op, ref live, words);
                    break;
                case FlatKind.Label:
                    grew |= Grow((FlatLabel)op.Operand!, live);
                    break;
                case FlatKind.Return:
                case FlatKind.Plain when op.OpCode == OpCodes.Throw:
                    live = new ulong[words];
                    break;
                case FlatKind.Suspend when record:
                    op.Live = [.. kernel.Variables.Where(variable => IsSet(live, variable))];
                    break;
            }
        }

        return grew;
    }

    private static bool IsInitialised(List<FlatOp> ops, int address)
        => address + 1 < ops.Count && ops[address + 1] is { Kind: FlatKind.Plain } next && next.OpCode == OpCodes.Initobj;

    private static void TakeBranch(FlatOp op, ref ulong[] live, int words)
    {
        if (op.OpCode == OpCodes.Br)
        {
            live = new ulong[words];
        }

        foreach (FlatLabel label in (FlatLabel[])op.Operand!)
        {
            for (int w = 0; w < words && label.Live is not null; w++)
            {
                live[w] |= label.Live[w];
            }
        }
    }

    private static bool Grow(FlatLabel label, ulong[] live)
    {
        label.Live ??= new ulong[live.Length];
        bool grew = false;
        for (int w = 0; w < live.Length; w++)
        {
            grew |= (live[w] & ~label.Live[w]) != 0;
            label.Live[w] |= live[w];
        }

        return grew;
    }

    /// <summary>What a kept address points into must not move: it lies in the frame always.</summary>
    private static void KeepTargets(FlatOp suspension, SuspensionPoint point, string name)
    {
        Stack<Variable> open = new(suspension.Live!.Where(variable => variable.Targets.Count > 0));
        HashSet<Variable> seen = [.. open];
        while (open.TryPop(out Variable? variable))
        {
            foreach (Variable target in variable.Targets.Where(seen.Add))
            {
                if (target == Variable.ManagedMemory)
                {
                    throw new InternalCompilerException($"Kernel '{name}' keeps the address of an object's or a static field across {point}; keep the value instead.");
                }

                target.IsInFrame |= !target.Type.IsByRef && target.Type != typeof(nint);
                open.Push(target);
            }
        }
    }

    private static int PlaceInFrame(FlatKernel kernel, List<FlatOp> suspensions, string name)
    {
        const int alignmentBytes = 8;
        int bytes = 0;
        IEnumerable<Variable> kept = suspensions.SelectMany(suspension => suspension.Live!).Where(variable => !variable.IsReloaded)
            .Concat(kernel.Variables.Where(variable => variable.IsInFrame)).Distinct();
        foreach (Variable variable in kept)
        {
            if (TypeLayout.HasReferences(variable.Type))
            {
                throw new InternalCompilerException($"Kernel '{name}' keeps a value of type '{variable.Type.Name}' across a barrier; kernels keep only structs without references.");
            }

            variable.FrameOffset = bytes;
            bytes += (TypeLayout.SizeOf(variable.Type) + alignmentBytes - 1) & -alignmentBytes;
        }

        return bytes;
    }

    private static void Set(ulong[] live, Variable variable) => live[variable.Number / BitsPerWord] |= 1UL << (variable.Number % BitsPerWord);

    private static void Clear(ulong[] live, Variable variable) => live[variable.Number / BitsPerWord] &= ~(1UL << (variable.Number % BitsPerWord));

    private static bool IsSet(ulong[] live, Variable variable) => (live[variable.Number / BitsPerWord] >> (variable.Number % BitsPerWord) & 1) != 0;
}
