using System.Reflection;
using Orleans.Invocation;

namespace Orleans.Runtime;

/// <summary>The grain classes of this program: those in assemblies that reference this one.</summary>
internal sealed class GrainClassMap
{
    private readonly Dictionary<GrainType, GrainClass> _byGrainType = [];
    private readonly Dictionary<string, Type> _interfaces = new(StringComparer.Ordinal);

    /// <summary>Looks through the program's assemblies.</summary>
    /// <exception cref="OrleansConfigurationException">Two classes have the same grain type.</exception>
    public GrainClassMap()
        : this(FindClasses())
    {
    }

    internal GrainClassMap(IEnumerable<Type> classes)
    {
        foreach (GrainClass grainClass in classes.Select(type => new GrainClass(type)))
        {
            if (!_byGrainType.TryAdd(grainClass.GrainType, grainClass))
            {
                throw new OrleansConfigurationException(
                    $"Grain classes '{_byGrainType[grainClass.GrainType].Type}' and '{grainClass.Type}' have the same grain type '{grainClass.GrainType}'; rename one.");
            }
        }

        foreach (Type type in _byGrainType.Values.SelectMany(grainClass => grainClass.Interfaces))
        {
            _interfaces.TryAdd(type.FullName!, type);
        }

        Manifest = new GrainManifest([.. _byGrainType.Values.SelectMany(grainClass => grainClass.Interfaces.Select(
            type => new GrainManifest.Implementation(type.FullName!, grainClass.GrainType.ToString(), grainClass.Type.FullName!)))]);
    }

    internal GrainManifest Manifest { get; }

    internal GrainClass? Find(GrainType type) => _byGrainType.GetValueOrDefault(type);

    /// <summary>A grain interface by its name; only interfaces that a grain class implements are known.</summary>
    internal GrainInterface? Interface(string name) => _interfaces.TryGetValue(name, out Type? type) ? GrainInterface.Of(type) : null;

    private static IEnumerable<Type> FindClasses()
    {
        string runtime = typeof(Grain).Assembly.GetName().Name!;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var queue = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic));
        while (queue.TryDequeue(out Assembly? assembly))
        {
            AssemblyName[] references = assembly.GetReferencedAssemblies();
            if (!seen.Add(assembly.FullName!) || !Array.Exists(references, reference => reference.Name == runtime))
            {
                continue;
            }

            // What it references may have grains too and not be loaded yet; the framework's assemblies have none.
            foreach (AssemblyName reference in references.Where(reference => !IsFramework(reference.Name!)))
            {
                if (TryLoad(reference) is { } loaded)
                {
                    queue.Enqueue(loaded);
                }
            }

            foreach (Type type in assembly.GetTypes().Where(IsGrainClass))
            {
                yield return type;
            }
        }
    }

    private static Assembly? TryLoad(AssemblyName reference)
    {
        try
        {
            return Assembly.Load(reference);
        }
        catch (FileNotFoundException)
        {
            // Referenced when it was built but not deployed: the program runs without it, so it has no grains either.
            return null;
        }
    }

    private static bool IsFramework(string name) =>
        name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal)
        || name is "System" or "mscorlib" or "netstandard";

    private static bool IsGrainClass(Type type) => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        && typeof(IGrainBase).IsAssignableFrom(type) && typeof(IGrain).IsAssignableFrom(type);
}
