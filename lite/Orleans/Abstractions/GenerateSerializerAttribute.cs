namespace Orleans;

/// <summary>The type can be copied and sent: its members that carry an <see cref="IdAttribute"/> are its contents.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute;
