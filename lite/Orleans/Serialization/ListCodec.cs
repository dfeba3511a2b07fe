using System.Runtime.InteropServices;

namespace Orleans.Serialization;

/// <summary>
/// Arrays and lists, declared as such or by an interface both have; what was an array stays one. Other collections behind an interface
/// (the compiler makes some for collection expressions) arrive as lists, as with Orleans.
/// </summary>
/// <typeparam name="TDeclared">The declared type.</typeparam>
/// <typeparam name="T">Type of the elements.</typeparam>
internal sealed class ListCodec<TDeclared, T>(Lazy<ValueCodec> element) : ValueCodec<TDeclared>
    where TDeclared : class, IEnumerable<T>
{
    private const byte ArrayShape = 0;
    private const byte ListShape = 1;

    internal override WireKind Kind => WireKind.List;

    private ValueCodec<T> Element => (ValueCodec<T>)element.Value;

    internal override void WriteBody(CodecWriter writer, TDeclared value)
    {
        writer.Enter(typeof(TDeclared));
        writer.Byte(IsArray(value) ? ArrayShape : ListShape);
        ReadOnlySpan<T> items = Items(value);
        writer.Varint((ulong)items.Length);
        ValueCodec<T> codec = Element;
        if (ValueCodec<T>.NeverNull)
        {
            writer.Kind(codec.Kind);
            foreach (T item in items)
            {
                codec.WriteBody(writer, item);
            }
        }
        else
        {
            writer.Kind(WireKind.Null);
            foreach (T item in items)
            {
                codec.Write(writer, item);
            }
        }

        writer.Leave();
    }

    internal override TDeclared ReadBody(ref CodecReader reader)
    {
        reader.Enter();
        byte shape = reader.Byte();
        var items = new T[reader.Length()];
        ValueCodec<T> codec = Element;
        WireKind kind = reader.Kind();
        if (kind != (ValueCodec<T>.NeverNull ? codec.Kind : WireKind.Null))
        {
            throw reader.Malformed($"elements of kind '{kind}' for type '{typeof(TDeclared)}'", $"'{codec.Kind}'");
        }

        for (int i = 0; i < items.Length; i++)
        {
            items[i] = ValueCodec<T>.NeverNull ? codec.ReadBody(ref reader) : codec.Read(ref reader)!;
        }

        reader.Leave();
        return (shape switch
        {
            ArrayShape => items as TDeclared,
            ListShape => new List<T>(items) as TDeclared,
            _ => null,
        }) ?? throw reader.Malformed($"shape '{shape}' for type '{typeof(TDeclared)}'", "what that type can hold");
    }

    internal override TDeclared CopyBody(TDeclared value, int depth)
    {
        ReadOnlySpan<T> items = Items(value);
        var copy = new T[items.Length];
        ValueCodec<T> codec = Element;
        for (int i = 0; i < copy.Length; i++)
        {
            copy[i] = codec.Copy(items[i], depth + 1)!;
        }

        return IsArray(value) ? (TDeclared)(object)copy : (TDeclared)(object)new List<T>(copy);
    }

    private static bool IsArray(TDeclared value) => value.GetType() == typeof(T[]);

    private static ReadOnlySpan<T> Items(TDeclared value) => value switch
    {
        T[] array when IsArray(value) => array,
        List<T> list when value.GetType() == typeof(List<T>) => CollectionsMarshal.AsSpan(list),
        _ when typeof(TDeclared).IsInterface => value.ToArray(),
        _ => throw new CodecNotFoundException(
            $"Could not find a codec for type '{value.GetType()}', given where '{typeof(TDeclared)}' is declared; use an array or a list."),
    };
}
