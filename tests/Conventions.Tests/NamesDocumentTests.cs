using System.Reflection;
using Winnow.Contracts;
using Winnow.Fetching;
using Winnow.Gateway;
using Winnow.Gateway.Coordination;
using Winnow.GpuWorker;
using Winnow.Hosting;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;
using Winnow.Silo;
using Winnow.Tests.Common;

namespace Winnow.Conventions.Tests;

/// <summary>docs/errors.md lists every error type and docs/metrics.md every metric that the code has.</summary>
public sealed class NamesDocumentTests
{
    [Fact]
    public void Errors_EveryType_HasARow() => AssertListed("errors.md",
        Constants(typeof(WorkerErrorTypes)).Where(name => name != WorkerErrorTypes.Trailer)
            .Concat(Constants(typeof(StepErrorTypes))).Concat(Constants(typeof(SamplingException))).Concat(Constants(typeof(GenerationErrors)))
            .Concat(Constants(Named(typeof(GatewayOptions).Assembly, "WorkerFaults"))));

    [Fact]
    public void Metrics_EveryName_HasARow() => AssertListed("metrics.md",
        Constants(Named(typeof(GatewayOptions).Assembly, "GatewayMetrics"))
            .Concat(Constants(Named(typeof(WorkerOptions).Assembly, "WorkerMetricNames")))
            .Concat(Constants(Named(typeof(SiloOptions).Assembly, "SiloMetricNames")))
            .Concat(Constants(typeof(FetchMetricNames))).Concat(Constants(typeof(HostingMetricNames))));

    private static void AssertListed(string document, IEnumerable<string> names)
    {
        string[] rows = [.. File.ReadAllLines(Path.Combine(SharedFolder.RepositoryRoot, "docs", document)).Where(line => line.StartsWith('|')).Select(line => line.Split('|')[1])];

        string[] missing = [.. names.Where(name => !rows.Any(row => row.Contains($"`{name}`", StringComparison.Ordinal)))];

        Assert.True(missing.Length == 0, $"docs/{document} has no row for {string.Join(", ", missing)}");
    }

    private static Type Named(Assembly assembly, string name) => assembly.GetTypes().Single(type => type.Name == name);

    private static string[] Constants(Type type)
    {
        string[] constants = [.. type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Where(field => field.IsLiteral && field.FieldType == typeof(string)).Select(field => (string)field.GetRawConstantValue()!)];
        Assert.NotEmpty(constants);
        return constants;
    }
}
