namespace Orleans.Concurrency;

/// <summary>Calls to grains of this class may interleave at every <see langword="await"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;
