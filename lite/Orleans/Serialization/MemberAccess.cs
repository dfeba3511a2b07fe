using System.Reflection;

namespace Orleans.Serialization;

/// <summary>A member with an <see cref="IdAttribute"/>: its id, its codec, and ways to get and set it.</summary>
internal sealed class MemberAccess
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly Lazy<ValueCodec> _codec;

    private MemberAccess(uint id, Type type, Func<object, object?> get, Action<object, object?> set)
    {
        Id = id;
        _codec = new Lazy<ValueCodec>(() => CodecProvider.Get(type));
        Get = get;
        Set = set;
    }

    internal uint Id { get; }

    internal ValueCodec Codec => _codec.Value;

    internal Func<object, object?> Get { get; }

    internal Action<object, object?> Set { get; }

    /// <summary>The members of a type and its bases, by id.</summary>
    internal static MemberAccess[] Of(Type type)
    {
        var members = new SortedDictionary<uint, MemberAccess>();
        for (Type? level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            CheckNumbered(type, level);
            foreach (MemberInfo member in level.GetMembers(Declared))
            {
                if (member.GetCustomAttribute<IdAttribute>() is { } id && !members.TryAdd(id.Id, Create(member, id.Id)))
                {
                    throw new CodecNotFoundException($"Type '{type}' has id '{id.Id}' twice; the lite build wants ids unique over base types too.");
                }
            }
        }

        return [.. members.Values];
    }

    private static MemberAccess Create(MemberInfo member, uint id)
    {
        if (member is PropertyInfo { CanWrite: false } readOnly)
        {
            member = readOnly.DeclaringType!.GetField($"<{readOnly.Name}>k__BackingField", Declared) ?? throw new CodecNotFoundException(
                $"Property '{readOnly.DeclaringType}.{readOnly.Name}' has an id and can not be set; give it a setter.");
        }

        return member switch
        {
            PropertyInfo property => new MemberAccess(id, property.PropertyType, property.GetValue, property.SetValue),
            FieldInfo field => new MemberAccess(id, field.FieldType, field.GetValue, field.SetValue),
            _ => throw new CodecNotFoundException($"Member '{member}' has an id but is neither a field nor a property."),
        };
    }

    // Orleans' analyzer refuses to build a type with a member that is neither numbered nor marked as not sent. (It numbers the
    // constructor parameters of positional records by itself; the lite build does not.)
    private static void CheckNumbered(Type type, Type level)
    {
        if (!level.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
        {
            return;
        }

        foreach (PropertyInfo property in level.GetProperties(Declared))
        {
            FieldInfo? backing = level.GetField($"<{property.Name}>k__BackingField", Declared);
            if (backing is not null && !property.IsDefined(typeof(IdAttribute))
                && !backing.IsDefined(typeof(NonSerializedAttribute)))
            {
                throw new CodecNotFoundException(
                    $"Property '{property.Name}' of type '{type}' has no id; give it [Id(n)], or [field: NonSerialized] when it is not to be sent.");
            }
        }
    }
}
