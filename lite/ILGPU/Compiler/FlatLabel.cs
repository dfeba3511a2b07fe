using System.Reflection.Emit;

namespace ILGPU.Compiler;

/// <summary>A place that a kernel jumps to.</summary>
internal sealed class FlatLabel
{
    /// <summary>The stack there, as the first jump to it left it; null before one did.</summary>
    internal StackItem[]? Stack { get; set; }

    /// <summary>The variables that are needed there, one bit each.</summary>
    internal ulong[]? Live { get; set; }

    /// <summary>The label of the emitted method.</summary>
    internal Label Emitted { get; set; }

    /// <summary>Whether <see cref="Emitted"/> is set.</summary>
    internal bool IsDefined { get; set; }
}
