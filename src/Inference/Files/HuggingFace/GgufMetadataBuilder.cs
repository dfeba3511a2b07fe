namespace Winnow.Inference.Files.HuggingFace;

/// <summary>Collects key-value pairs that a model's configuration stands for, in GGUF's types.</summary>
internal sealed class GgufMetadataBuilder(string path)
{
    private readonly Dictionary<string, GgufValue> _values = new(StringComparer.Ordinal);
    private readonly List<string> _keys = [];

    public void Set(string key, string value) => Add(key, new GgufValue(GgufValueType.String, null, value));

    public void Set(string key, uint value) => Add(key, new GgufValue(GgufValueType.UInt32, null, value));

    public void Set(string key, float value) => Add(key, new GgufValue(GgufValueType.Float32, null, value));

    public void Set(string key, bool[] value) => Add(key, new GgufValue(GgufValueType.Array, GgufValueType.Bool, value));

    public void Set(string key, int[] value) => Add(key, new GgufValue(GgufValueType.Array, GgufValueType.Int32, value));

    /// <summary>What was collected; failures that come from it name the configuration's file.</summary>
    public GgufMetadata Build() => new(path, _values, _keys);

    private void Add(string key, GgufValue value)
    {
        _values.Add(key, value);
        _keys.Add(key);
    }
}
