using System.Reflection;
using Orleans.Storage;
using Xunit.Sdk;

namespace Winnow.Silo.Tests.Support;

/// <summary>The row of a theory that runs on PostgreSQL, through Orleans' own provider; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresDataAttribute : DataAttribute
{
    public const string Name = "postgresql";

    public PostgresDataAttribute()
    {
        Skip = WhyNot;
    }

    /// <summary>Why nothing runs on it; <see langword="null"/> when it does.</summary>
    public static string? WhyNot { get; } = typeof(IGrainStorage).Assembly.GetName().Name == "Winnow.Lite.Orleans"
        ? "the lite build keeps state in files only; run with -p:Lite=false."
        : PostgresServer.WhyNot;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[Name]];
}
