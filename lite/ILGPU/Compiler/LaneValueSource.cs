namespace ILGPU.Compiler;

/// <summary>Whose field a value is.</summary>
internal enum LaneValueSource
{
    /// <summary>The group's, <see cref="Execution.GroupContext"/>.</summary>
    Group,

    /// <summary>The lane's, <see cref="Execution.LaneContext"/>.</summary>
    Lane,
}
