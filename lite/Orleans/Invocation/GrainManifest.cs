using Orleans.Runtime;

namespace Orleans.Invocation;

/// <summary>Which grain classes implement which interfaces; a client gets it from the silo.</summary>
/// <param name="Implementations">Every pair.</param>
internal sealed record GrainManifest(IReadOnlyList<GrainManifest.Implementation> Implementations)
{
    /// <summary>The type of the grains behind an interface.</summary>
    /// <exception cref="ArgumentException">No class, or more than one, fits.</exception>
    internal GrainType Resolve(Type interfaceType, string? classNamePrefix)
    {
        Implementation[] candidates = [.. Implementations.Where(implementation => implementation.InterfaceName == interfaceType.FullName)];
        if (candidates.Length == 0)
        {
            throw new ArgumentException($"Could not find an implementation for interface {interfaceType.FullName}");
        }

        if (classNamePrefix is not null)
        {
            candidates = [.. candidates.Where(candidate => candidate.ClassName.StartsWith(classNamePrefix, StringComparison.Ordinal))];
        }

        return candidates.Length switch
        {
            1 => GrainType.Create(candidates[0].GrainType),
            0 => throw new ArgumentException(
                $"Could not find an implementation matching prefix \"{classNamePrefix}\" for interface {interfaceType.FullName}"),
            _ => throw new ArgumentException(
                $"Unable to identify a single appropriate grain type for interface {interfaceType.FullName}. Candidates: "
                + string.Join(", ", candidates.Select(candidate => candidate.ClassName))),
        };
    }

    /// <summary>A class that implements an interface.</summary>
    internal sealed record Implementation(string InterfaceName, string GrainType, string ClassName);
}
