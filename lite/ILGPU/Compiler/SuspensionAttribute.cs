namespace ILGPU.Compiler;

/// <summary>Marks a call at which a lane waits for others.</summary>
/// <param name="scope">For whom it waits.</param>
/// <param name="offer">The method of <see cref="Execution.LaneExchange"/> that takes the operands, the group and the lane before it waits.</param>
/// <param name="take">The method that gives the result, from the group and the lane, when it goes on; null where there is none.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SuspensionAttribute(SuspensionScope scope, string offer, string? take) : Attribute
{
    internal SuspensionScope Scope => scope;

    internal string Offer => offer;

    internal string? Take => take;
}
