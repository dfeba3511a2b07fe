namespace Orleans.Serialization;

/// <summary>Dictionaries, declared as such or by an interface; others behind an interface arrive as
/// dictionaries. The comparers of strings are kept, other comparers of dictionaries are refused.</summary>
/// <typeparam name="TDeclared">The declared type.</typeparam>
/// <typeparam name="TKey">Type of the keys.</typeparam>
/// <typeparam name="TValue">Type of the values.</typeparam>
internal sealed class DictionaryCodec<TDeclared, TKey, TValue>(Lazy<ValueCodec> key, Lazy<ValueCodec> value) : ValueCodec<TDeclared>
    where TDeclared : class
    where TKey : notnull
{
    internal override WireKind Kind => WireKind.Map;

    private ValueCodec<TKey> Key => (ValueCodec<TKey>)key.Value;

    private ValueCodec<TValue> Value => (ValueCodec<TValue>)value.Value;

    internal override void WriteBody(CodecWriter writer, TDeclared value)
    {
        Dictionary<TKey, TValue> map = Exact(value);
        writer.Enter(typeof(TDeclared));
        writer.Byte(ComparerCode(map));
        writer.Varint((ulong)map.Count);
        foreach ((TKey itemKey, TValue itemValue) in map)
        {
            Key.Write(writer, itemKey);
            Value.Write(writer, itemValue);
        }

        writer.Leave();
    }

    internal override TDeclared ReadBody(ref CodecReader reader)
    {
        reader.Enter();
        byte comparer = reader.Byte();
        if (comparer > 2 || (comparer > 0 && typeof(TKey) != typeof(string)))
        {
            throw reader.Malformed($"comparer '{comparer}' for keys of type '{typeof(TKey)}'", "0, and 1 or 2 for strings");
        }

        int count = reader.Length();
        var map = new Dictionary<TKey, TValue>(Comparer(comparer));
        for (int i = 0; i < count; i++)
        {
            TKey itemKey = Key.Read(ref reader) ?? throw reader.Malformed("a null key", "keys that are not null");
            if (!map.TryAdd(itemKey, Value.Read(ref reader)!))
            {
                throw reader.Malformed($"key '{itemKey}' twice", "each key once");
            }
        }

        reader.Leave();
        return (TDeclared)(object)map;
    }

    internal override TDeclared CopyBody(TDeclared value, int depth)
    {
        Dictionary<TKey, TValue> map = Exact(value);
        ComparerCode(map);
        var copy = new Dictionary<TKey, TValue>(map.Count, map.Comparer);
        foreach ((TKey itemKey, TValue itemValue) in map)
        {
            copy.Add(Key.Copy(itemKey, depth + 1)!, Value.Copy(itemValue, depth + 1)!);
        }

        return (TDeclared)(object)copy;
    }

    private static byte ComparerCode(Dictionary<TKey, TValue> map) => map.Comparer switch
    {
        var comparer when comparer == EqualityComparer<TKey>.Default => 0,
        var comparer when ReferenceEquals(comparer, StringComparer.Ordinal) => 1,
        var comparer when ReferenceEquals(comparer, StringComparer.OrdinalIgnoreCase) => 2,
        var comparer => throw new CodecNotFoundException($"Could not find a codec for comparer '{comparer.GetType()}' of a dictionary."),
    };

    private static IEqualityComparer<TKey>? Comparer(byte code) => code switch
    {
        1 => (IEqualityComparer<TKey>)StringComparer.Ordinal,
        2 => (IEqualityComparer<TKey>)StringComparer.OrdinalIgnoreCase,
        _ => null,
    };

    private static Dictionary<TKey, TValue> Exact(TDeclared value) => value switch
    {
        Dictionary<TKey, TValue> map when value.GetType() == typeof(Dictionary<TKey, TValue>) => map,
        IEnumerable<KeyValuePair<TKey, TValue>> pairs when typeof(TDeclared).IsInterface => new Dictionary<TKey, TValue>(pairs),
        _ => throw new CodecNotFoundException(
            $"Could not find a codec for type '{value.GetType()}', given where '{typeof(TDeclared)}' is declared; use a dictionary."),
    };
}
