namespace Orleans.Concurrency;

/// <summary>Calls to this grain interface method may interleave with any other call.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;
