namespace Prometheus;

/// <summary>Label values as a dictionary key.</summary>
internal readonly struct LabelValues(string[] values) : IEquatable<LabelValues>
{
    internal string[] Values { get; } = values;

    public bool Equals(LabelValues other) => Values.AsSpan().SequenceEqual(other.Values);

    public override bool Equals(object? obj) => obj is LabelValues other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (string value in Values)
        {
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }
}
