using System.Reflection.Emit;

namespace ILGPU.Compiler;

/// <summary>An argument, a local or a saved stack entry of a kernel or of what is inlined into it.</summary>
internal sealed class Variable(Type type, int number)
{
    /// <summary>Stands for memory that the garbage collector may move.</summary>
    internal static readonly Variable ManagedMemory = new(typeof(object), -1);

    internal Type Type => type;

    internal int Number => number;

    /// <summary>Where the kernel's argument lies among the arguments; negative for other variables.</summary>
    internal int ArgumentOffset { get; init; } = -1;

    /// <summary>Whether it is the index of an implicitly grouped kernel, which the lane's context has.</summary>
    internal bool IsImplicitIndex { get; init; }

    /// <summary>How many places of the code store to it.</summary>
    internal int Stores { get; set; }

    /// <summary>Whether something may change it through its address.</summary>
    internal bool IsWrittenByAddress { get; set; }

    /// <summary>For the parameter of an inlined method: the variable that it was loaded from.</summary>
    internal Variable? CopyOf { get; set; }

    /// <summary>Whether it always lies in the lane's frame, because something keeps its address while the lane waits.</summary>
    internal bool IsInFrame { get; set; }

    /// <summary>The place in the lane's frame; negative where it has none.</summary>
    internal int FrameOffset { get; set; } = -1;

    /// <summary>For an address: the variables that it may point into.</summary>
    internal HashSet<Variable> Targets { get; } = [];

    /// <summary>The local of the emitted method.</summary>
    internal LocalBuilder? Local { get; set; }

    internal bool IsArgument => ArgumentOffset >= 0 || IsImplicitIndex;

    /// <summary>Whether it is an argument that nothing changes, which is read again rather than kept.</summary>
    internal bool IsReloaded => IsArgument && Stores == 0 && !IsWrittenByAddress && !IsInFrame;

    /// <summary>
    /// The variable whose value this one always has: the caller's, where neither is changed after the call; itself otherwise. Nothing but an address
    /// lets a callee change its caller's variables.
    /// </summary>
    internal Variable Origin => CopyOf is { IsWrittenByAddress: false } source && source.Stores <= (source.IsArgument ? 0 : 1) && Stores == 1 && !IsWrittenByAddress
        ? source.Origin
        : this;
}
