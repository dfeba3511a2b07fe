using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Runtime;

/// <summary>Makes the value of a state that nothing is stored of.</summary>
internal static class StateFactory
{
    internal static T Create<T>()
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        return typeof(T).IsValueType || typeof(T) == typeof(string) || typeof(T).IsAbstract || typeof(T).IsArray
            ? default!
            : (T)(typeof(T).GetConstructor(Any, [])?.Invoke(null) ?? RuntimeHelpers.GetUninitializedObject(typeof(T)));
    }
}
