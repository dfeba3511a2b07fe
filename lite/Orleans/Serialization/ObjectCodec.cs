using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>
/// A type marked with <see cref="GenerateSerializerAttribute"/>, by the ids of its members: members that only the writer's version has
/// are passed over, members that only the reader's has keep what the constructor gave them.
/// </summary>
internal sealed class ObjectCodec<T> : ValueCodec<T>
    where T : notnull
{
    private readonly MemberAccess[] _members = MemberAccess.Of(typeof(T));
    private readonly ConstructorInfo? _constructor = typeof(T).GetConstructor(
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []);

    internal override WireKind Kind => WireKind.Object;

    internal override bool IsShallow { get; } = typeof(T).IsDefined(typeof(ImmutableAttribute), inherit: false);

    internal override void WriteBody(CodecWriter writer, T value)
    {
        CheckExact(value);
        writer.Enter(typeof(T));
        writer.Varint((ulong)_members.Length);
        foreach (MemberAccess member in _members)
        {
            writer.Varint(member.Id);
            member.Codec.WriteObject(writer, member.Get(value));
        }

        writer.Leave();
    }

    internal override T ReadBody(ref CodecReader reader)
    {
        reader.Enter();
        object value = Create();
        int count = reader.Length();
        for (int i = 0; i < count; i++)
        {
            ulong id = reader.Varint();
            MemberAccess? member = Array.Find(_members, candidate => candidate.Id == id);
            if (member is null)
            {
                reader.Skip(reader.Kind());
            }
            else
            {
                member.Set(value, member.Codec.ReadObject(ref reader));
            }
        }

        reader.Leave();
        return (T)value;
    }

    internal override T CopyBody(T value, int depth)
    {
        CheckExact(value);
        object copy = Create();
        foreach (MemberAccess member in _members)
        {
            member.Set(copy, member.Codec.CopyObject(member.Get(value), depth + 1));
        }

        return (T)copy;
    }

    private static void CheckExact(T value)
    {
        if (value.GetType() != typeof(T))
        {
            throw new CodecNotFoundException(
                $"Could not find a codec for type '{value.GetType()}', given where '{typeof(T)}' is declared; the lite build sends declared types only.");
        }
    }

    private object Create() => _constructor?.Invoke(null) ?? RuntimeHelpers.GetUninitializedObject(typeof(T));
}
