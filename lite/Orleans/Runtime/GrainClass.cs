using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Providers;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>A grain class of this program.</summary>
internal sealed class GrainClass
{
    private readonly ParameterInfo[] _states;
    private readonly ObjectFactory _factory;

    internal GrainClass(Type type)
    {
        Type = type;
        string name = type.Name.ToLowerInvariant();
        GrainType = GrainType.Create(name.Length > 5 && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name);
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute));
        Interfaces = [.. type.GetInterfaces().Where(candidate => candidate != typeof(IGrain)
            && typeof(IGrain).IsAssignableFrom(candidate) && candidate.Namespace != nameof(Orleans))];
        ConstructorInfo constructor = type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).FirstOrDefault()
            ?? throw new OrleansConfigurationException($"Grain class '{type}' has no public constructor; give it one.");
        _states = [.. constructor.GetParameters().Where(parameter => parameter.IsDefined(typeof(PersistentStateAttribute)))];
        _factory = ActivatorUtilities.CreateFactory(type, [.. _states.Select(parameter => parameter.ParameterType)]);
    }

    internal Type Type { get; }

    internal GrainType GrainType { get; }

    internal bool IsReentrant { get; }

    internal IReadOnlyList<Type> Interfaces { get; }

    /// <summary>Makes the grain object, its states not yet read.</summary>
    internal object Create(Activation activation)
    {
        object?[] states = [.. _states.Select(parameter => CreateState(parameter, activation))];
        activation.States.AddRange(states.Cast<IStateReader>());
        return _factory(activation.ActivationServices, states);
    }

    private static object CreateState(ParameterInfo parameter, Activation activation)
    {
        Type type = parameter.ParameterType;
        if (!type.IsConstructedGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new OrleansConfigurationException(
                $"Parameter '{parameter.Name}' of grain class '{parameter.Member.DeclaringType}' is a persistent state of type '{type}'; declare it as IPersistentState<T>.");
        }

        PersistentStateAttribute names = parameter.GetCustomAttribute<PersistentStateAttribute>()!;
        string storageName = names.StorageName ?? ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
        IGrainStorage storage = activation.ActivationServices.GetKeyedService<IGrainStorage>(storageName) ?? throw new OrleansConfigurationException(
            $"No storage provider named '{storageName}' found loading grain type '{parameter.Member.DeclaringType}'; register it with AddGrainStorage.");
        return Activator.CreateInstance(
            typeof(PersistentState<>).MakeGenericType(type.GetGenericArguments()),
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic,
            null,
            [names.StateName, activation.GrainId, storage, activation.ActivationServices.GetRequiredService<SiloLog>()],
            null)!;
    }
}
