using System.Reflection;
using Orleans;

namespace Winnow.Silo.Tests.Support;

/// <summary>Stands for a grain, or for all grains, by one function: the member's name and its arguments to the answer.</summary>
public class GrainDouble : DispatchProxy
{
    private Func<string, object?[], object?> _answer = null!;

    /// <summary>A grain that answers so.</summary>
    public static T Of<T>(Func<string, object?[], object?> answer)
        where T : class
    {
        T made = Create<T, GrainDouble>();
        ((GrainDouble)(object)made)._answer = answer;
        return made;
    }

    /// <summary>Grains by their keys.</summary>
    public static IGrainFactory Factory(Func<object, object> byKey) => Of<IGrainFactory>((_, arguments) => byKey(arguments[0]!));

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!.Name, args ?? []);
}
