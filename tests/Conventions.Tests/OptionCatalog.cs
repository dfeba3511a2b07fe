using System.Reflection;
using Winnow.Fetching;
using Winnow.Gateway;
using Winnow.GpuWorker;
using Winnow.Hosting;
using Winnow.Silo;

namespace Winnow.Conventions.Tests;

/// <summary>Every option of every role, read from the options classes.</summary>
internal static class OptionCatalog
{
    private static readonly Assembly[] Assemblies = [typeof(ProcessOptions).Assembly, typeof(GatewayOptions).Assembly, typeof(WorkerOptions).Assembly, typeof(SiloOptions).Assembly, typeof(ModelsOptions).Assembly];

    /// <summary>The options: key such as <c>Worker:Threads</c>, type, and default. Those of a model are <c>Silo:Models:N:…</c>.</summary>
    public static IReadOnlyList<(string Key, Type Type, object? Default)> All { get; } =
    [
        .. Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsClass && type.Name.EndsWith("Options", StringComparison.Ordinal) && type.GetField("Section")?.IsLiteral == true)
            .SelectMany(type => Of(type, (string)type.GetField("Section")!.GetRawConstantValue()!)),
        .. Of(typeof(ModelOptions), "Silo:Models:N"),
    ];

    private static IEnumerable<(string Key, Type Type, object? Default)> Of(Type type, string section)
        => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => ($"{section}:{property.Name}", property.PropertyType, property.GetValue(Activator.CreateInstance(type))));
}
