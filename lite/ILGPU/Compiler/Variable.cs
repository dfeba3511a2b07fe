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

    /// <summary>Whether code may change it; arguments that it does not are read again rather than kept.</summary>
    internal bool IsWritten { get; set; }

    /// <summary>Whether it always lies in the lane's frame, because something keeps its address while the lane waits.</summary>
    internal bool IsInFrame { get; set; }

    /// <summary>The place in the lane's frame; negative where it has none.</summary>
    internal int FrameOffset { get; set; } = -1;

    /// <summary>For an address: the variables that it may point into.</summary>
    internal HashSet<Variable> Targets { get; } = [];

    /// <summary>The local of the emitted method.</summary>
    internal LocalBuilder? Local { get; set; }

    internal bool IsArgument => ArgumentOffset >= 0 || IsImplicitIndex;

    internal bool IsReloaded => IsArgument && !IsWritten && !IsInFrame;
}
