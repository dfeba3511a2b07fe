using System.Collections.Concurrent;
using System.Reflection;

namespace Orleans.Serialization;

/// <summary>Finds the codec of a declared type.</summary>
internal static class CodecProvider
{
    private static readonly ConcurrentDictionary<Type, ValueCodec> Codecs = new(PrimitiveCodecs.All);

    private static readonly HashSet<Type> ListTypes =
    [
        typeof(List<>), typeof(IList<>), typeof(IReadOnlyList<>), typeof(ICollection<>), typeof(IReadOnlyCollection<>), typeof(IEnumerable<>),
    ];

    private static readonly HashSet<Type> DictionaryTypes = [typeof(Dictionary<,>), typeof(IDictionary<,>), typeof(IReadOnlyDictionary<,>)];

    /// <summary>The codec of a type.</summary>
    /// <exception cref="CodecNotFoundException">The type, or the type of a member or element, can not be sent.</exception>
    internal static ValueCodec Get(Type type) => Codecs.TryGetValue(type, out ValueCodec? codec) ? codec : Codecs.GetOrAdd(type, Create(type));

    /// <summary>The codec of a type.</summary>
    internal static ValueCodec<T> Get<T>() => (ValueCodec<T>)Get(typeof(T));

    private static ValueCodec Create(Type type)
    {
        if (type.IsEnum)
        {
            return Make(typeof(EnumCodec<>), [type]);
        }

        if (type.IsSZArray)
        {
            Type element = type.GetElementType()!;
            return Make(typeof(ListCodec<,>), [type, element], Later(element));
        }

        if (type.IsConstructedGenericType)
        {
            Type definition = type.GetGenericTypeDefinition();
            Type[] arguments = type.GetGenericArguments();
            if (definition == typeof(Nullable<>))
            {
                return Make(typeof(NullableCodec<>), arguments, Get(arguments[0]));
            }

            if (ListTypes.Contains(definition))
            {
                return Make(typeof(ListCodec<,>), [type, arguments[0]], Later(arguments[0]));
            }

            if (DictionaryTypes.Contains(definition))
            {
                return Make(typeof(DictionaryCodec<,,>), [type, .. arguments], Later(arguments[0]), Later(arguments[1]));
            }
        }

        if (type.IsAbstract || !type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
        {
            throw new CodecNotFoundException(
                $"Could not find a codec for type '{type}'; mark it with [GenerateSerializer] and its members with [Id], or send another type.");
        }

        return Make(typeof(ObjectCodec<>), [type]);
    }

    // Elements and members are looked up when first met, so that a type may contain itself.
    private static Lazy<ValueCodec> Later(Type type) => new(() => Get(type));

    private static ValueCodec Make(Type definition, Type[] arguments, params object[] parameters)
    {
        const BindingFlags Flags = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DoNotWrapExceptions;
        return (ValueCodec)Activator.CreateInstance(definition.MakeGenericType(arguments), Flags, null, parameters, null)!;
    }
}
