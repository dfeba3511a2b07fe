namespace Winnow.Kernels.Rules.Tests.Samples;

/// <summary>Marks a sample of what kernels may not use.</summary>
/// <param name="refusal">What the real compiler makes of it.</param>
/// <param name="advice">Words that the rule's text has.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RefusedAttribute(Refusal refusal, string advice) : Attribute
{
    public Refusal Refusal { get; } = refusal;

    public string Advice { get; } = advice;
}
