using System.Reflection;
using System.Runtime.CompilerServices;

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
            foreach (MemberInfo member in level.GetMembers(Declared))
            {
                if (member.GetCustomAttribute<IdAttribute>() is { } id && !members.TryAdd(id.Id, Create(member, id.Id)))
                {
                    throw new CodecNotFoundException($"Type '{type}' has id '{id.Id}' twice; the lite build wants ids unique over base types too.");
                }
            }
        }

        CheckPositional(type);
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

    // Orleans numbers a record's constructor parameters by itself; here every member needs its id.
    private static void CheckPositional(Type type)
    {
        if (type.GetMethod("<Clone>$") is null)
        {
            return;
        }

        PropertyInfo? positional = type.GetConstructors()
            .SelectMany(constructor => constructor.GetParameters())
            .Select(parameter => type.GetProperty(parameter.Name ?? ""))
            .FirstOrDefault(property => property is not null
                && property.GetCustomAttribute<IdAttribute>() is null
                && property.GetMethod!.IsDefined(typeof(CompilerGeneratedAttribute)));
        if (positional is not null)
        {
            throw new CodecNotFoundException(
                $"Record '{type}' has the positional member '{positional.Name}', which the lite build does not number; write '[property: Id(n)]'.");
        }
    }
}
