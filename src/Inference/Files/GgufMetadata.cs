using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Winnow.Inference.Files;

/// <summary>
/// A file's key-value pairs with typed access. Integer getters accept every integer type whose value fits; they never round or wrap.
/// </summary>
public sealed class GgufMetadata
{
    // Room for one value a token; a copy of more would be memory that the file asks for and nobody needs.
    private const int MaxConverted = 1 << 20;

    private readonly string _path;
    private readonly Dictionary<string, GgufValue> _values;
    private readonly List<string> _keys;

    internal GgufMetadata(string path, Dictionary<string, GgufValue> values, List<string> keys)
    {
        _path = path;
        _values = values;
        _keys = keys;
    }

    /// <summary>The same pairs with one changed or added.</summary>
    internal GgufMetadata With(string path, string key, GgufValue value)
    {
        Dictionary<string, GgufValue> values = new(_values, StringComparer.Ordinal) { [key] = value };
        return new GgufMetadata(path, values, _values.ContainsKey(key) ? _keys : [.. _keys, key]);
    }

    /// <summary>Keys in the file's order.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <summary>Whether the key is there.</summary>
    public bool Contains(string key) => _values.ContainsKey(key);

    /// <summary>A value of any type.</summary>
    public bool TryGet(string key, [NotNullWhen(true)] out GgufValue? value) => _values.TryGetValue(key, out value);

    /// <summary>A string.</summary>
    /// <exception cref="ModelFileException">Missing or of another type; so with every getter here.</exception>
    public string GetString(string key) => TryGetString(key, out string? value) ? value : throw Missing(key, "a string");

    /// <summary>A string, if the key is there.</summary>
    /// <exception cref="ModelFileException">Of another type; so with every TryGet here.</exception>
    public bool TryGetString(string key, [NotNullWhen(true)] out string? value)
    {
        value = null;
        return _values.TryGetValue(key, out GgufValue? found) && (value = found.Value as string ?? throw WrongType(key, found, "a string")) is not null;
    }

    /// <summary>An integer from 0 to 2^32 - 1.</summary>
    public uint GetUInt32(string key) => (uint)GetInteger(key, 0, uint.MaxValue);

    /// <summary>An integer from 0 to 2^32 - 1, if the key is there.</summary>
    public bool TryGetUInt32(string key, out uint value)
    {
        bool there = TryGetInteger(key, 0, uint.MaxValue, out Int128 found);
        value = (uint)found;
        return there;
    }

    /// <summary>An integer from -2^31 to 2^31 - 1.</summary>
    public int GetInt32(string key) => (int)GetInteger(key, int.MinValue, int.MaxValue);

    /// <summary>An integer from -2^31 to 2^31 - 1, if the key is there.</summary>
    public bool TryGetInt32(string key, out int value)
    {
        bool there = TryGetInteger(key, int.MinValue, int.MaxValue, out Int128 found);
        value = (int)found;
        return there;
    }

    /// <summary>An integer from 0 to 2^64 - 1.</summary>
    public ulong GetUInt64(string key) => (ulong)GetInteger(key, 0, ulong.MaxValue);

    /// <summary>An integer from 0 to 2^64 - 1, if the key is there.</summary>
    public bool TryGetUInt64(string key, out ulong value)
    {
        bool there = TryGetInteger(key, 0, ulong.MaxValue, out Int128 found);
        value = (ulong)found;
        return there;
    }

    /// <summary>A float; 64-bit floats are rounded.</summary>
    public float GetSingle(string key) => TryGetSingle(key, out float value) ? value : throw Missing(key, "a float");

    /// <summary>A float, if the key is there; 64-bit floats are rounded.</summary>
    public bool TryGetSingle(string key, out float value)
    {
        value = 0;
        if (!_values.TryGetValue(key, out GgufValue? found))
        {
            return false;
        }
        value = found.Value switch
        {
            float single => single,
            double number => (float)number,
            _ => throw WrongType(key, found, "a float"),
        };
        return true;
    }

    /// <summary>A truth value.</summary>
    public bool GetBool(string key) => TryGetBool(key, out bool value) ? value : throw Missing(key, "a bool");

    /// <summary>A truth value, if the key is there.</summary>
    public bool TryGetBool(string key, out bool value)
    {
        bool there = _values.TryGetValue(key, out GgufValue? found);
        value = there && (found!.Value as bool? ?? throw WrongType(key, found, "a bool"));
        return there;
    }

    /// <summary>An array of strings.</summary>
    public IReadOnlyList<string> GetStrings(string key) => TryGetStrings(key, out IReadOnlyList<string>? value) ? value : throw Missing(key, "an array of strings");

    /// <summary>An array of strings, if the key is there.</summary>
    public bool TryGetStrings(string key, [NotNullWhen(true)] out IReadOnlyList<string>? value)
    {
        value = null;
        return _values.TryGetValue(key, out GgufValue? found)
            && (value = found.Value as string[] ?? throw WrongType(key, found, "an array of strings")) is not null;
    }

    /// <summary>An array of floats.</summary>
    public IReadOnlyList<float> GetSingles(string key) => TryGetSingles(key, out IReadOnlyList<float>? value) ? value : throw Missing(key, "an array of floats");

    /// <summary>An array of floats, if the key is there.</summary>
    public bool TryGetSingles(string key, [NotNullWhen(true)] out IReadOnlyList<float>? value)
    {
        value = null;
        return _values.TryGetValue(key, out GgufValue? found)
            && (value = found.Value as float[] ?? throw WrongType(key, found, "an array of 32-bit floats")) is not null;
    }

    /// <summary>An array of integers that fit 32 bits with sign.</summary>
    public IReadOnlyList<int> GetInt32s(string key) => TryGetInt32s(key, out IReadOnlyList<int>? value) ? value : throw Missing(key, "an array of integers");

    /// <summary>An array of integers that fit 32 bits with sign, if the key is there.</summary>
    public bool TryGetInt32s(string key, [NotNullWhen(true)] out IReadOnlyList<int>? value)
    {
        value = null;
        if (!_values.TryGetValue(key, out GgufValue? found))
        {
            return false;
        }
        value = found.Value is int[] exact ? exact : ConvertIntegers(key, found);
        return true;
    }

    private int[] ConvertIntegers(string key, GgufValue found) => found.Value switch
    {
        Array { Length: > MaxConverted } array => throw new ModelFileException(_path, $"metadata '{key}', element count", array.Length, $"at most {MaxConverted}"),
        byte[] values => Array.ConvertAll(values, value => (int)value),
        sbyte[] values => Array.ConvertAll(values, value => (int)value),
        ushort[] values => Array.ConvertAll(values, value => (int)value),
        short[] values => Array.ConvertAll(values, value => (int)value),
        uint[] values => Narrow(key, values),
        long[] values => Narrow(key, values),
        ulong[] values => Narrow(key, values),
        _ => throw WrongType(key, found, "an array of integers"),
    };

    private int[] Narrow<T>(string key, T[] values)
        where T : IBinaryInteger<T>
    {
        int[] narrowed = new int[values.Length];
        for (int i = 0; i < narrowed.Length; i++)
        {
            narrowed[i] = int.CreateSaturating(values[i]);
            if (T.CreateSaturating(narrowed[i]) != values[i])
            {
                throw new ModelFileException(_path, $"metadata '{key}', element {i}", values[i], $"an integer from {int.MinValue} to {int.MaxValue}");
            }
        }
        return narrowed;
    }

    private Int128 GetInteger(string key, Int128 least, Int128 most) =>
        TryGetInteger(key, least, most, out Int128 value) ? value : throw Missing(key, $"an integer from {least} to {most}");

    private bool TryGetInteger(string key, Int128 least, Int128 most, out Int128 value)
    {
        value = 0;
        if (!_values.TryGetValue(key, out GgufValue? found))
        {
            return false;
        }
        value = GgufValue.ToInteger(found.Value) ?? throw WrongType(key, found, "an integer");
        return value >= least && value <= most
            ? true
            : throw new ModelFileException(_path, $"metadata '{key}'", value, $"an integer from {least} to {most}");
    }

    private ModelFileException Missing(string key, string expected) => new(_path, $"metadata '{key}'", "missing", expected);

    private ModelFileException WrongType(string key, GgufValue found, string expected) => new(_path, $"metadata '{key}'", found.TypeName, expected);
}
