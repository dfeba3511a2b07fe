namespace Winnow.Helm.Tests.Support;

/// <summary>A fact that needs the packages of <c>node/</c>, the helm binary among them; it is skipped, with the reason, where they are not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HelmFactAttribute : FactAttribute
{
    public HelmFactAttribute()
    {
        Skip = NodePackages.WhyNot;
    }
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HelmTheoryAttribute : TheoryAttribute
{
    public HelmTheoryAttribute()
    {
        Skip = NodePackages.WhyNot;
    }
}
