namespace Winnow.Silo.Tests.Support;

/// <summary>A test of PostgreSQL through the full build; skipped, with the reason, where that is not there.</summary>
internal sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        Skip = PostgresDataAttribute.WhyNot;
    }
}
