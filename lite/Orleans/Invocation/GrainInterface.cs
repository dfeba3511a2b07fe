using System.Collections.Concurrent;
using System.Reflection;

namespace Orleans.Invocation;

/// <summary>The methods of a grain interface and its bases.</summary>
internal sealed class GrainInterface
{
    private static readonly ConcurrentDictionary<Type, GrainInterface> Known = new();

    private readonly Dictionary<MethodInfo, GrainMethod> _byInfo = [];
    private readonly Dictionary<string, GrainMethod> _byKey = new(StringComparer.Ordinal);

    private GrainInterface(Type type)
    {
        if (!type.IsInterface || !typeof(IGrain).IsAssignableFrom(type))
        {
            throw new ArgumentException($"'{type}' is not a grain interface; derive it from IGrainWithStringKey or IGrainWithIntegerKey.");
        }

        Type = type;
        foreach (Type level in (Type[])[type, .. type.GetInterfaces()])
        {
            if (level.GetProperties().Length > 0 || level.GetEvents().Length > 0)
            {
                throw new NotSupportedException($"Grain interface '{level}' has properties or events; give it methods only.");
            }

            foreach (MethodInfo info in level.GetMethods(BindingFlags.Instance | BindingFlags.Public))
            {
                var method = new GrainMethod(info);
                _byInfo.Add(info, method);
                _byKey.TryAdd(method.Key, method);
            }
        }
    }

    internal Type Type { get; }

    /// <summary>Examines an interface once.</summary>
    /// <exception cref="ArgumentException">It is not a grain interface.</exception>
    /// <exception cref="NotSupportedException">It has a member that grains can not have.</exception>
    internal static GrainInterface Of(Type type) => Known.TryGetValue(type, out GrainInterface? known)
        ? known
        : Known.GetOrAdd(type, new GrainInterface(type));

    internal GrainMethod Method(MethodInfo info) => _byInfo[info];

    internal GrainMethod? Method(string key) => _byKey.GetValueOrDefault(key);
}
