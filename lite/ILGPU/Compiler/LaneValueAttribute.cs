namespace ILGPU.Compiler;

/// <summary>Marks what the compiler replaces by a field of the lane's or the group's context.</summary>
/// <param name="source">Whose field it is.</param>
/// <param name="member">Its name.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LaneValueAttribute(LaneValueSource source, string member) : Attribute
{
    internal LaneValueSource Source => source;

    internal string Field => member;
}
