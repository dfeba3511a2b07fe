namespace Orleans.Concurrency;

/// <summary>This grain interface method does not change the grain: calls to read-only methods may interleave with each other.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;
