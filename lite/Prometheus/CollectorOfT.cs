using System.Collections.Concurrent;

namespace Prometheus;

/// <summary>A metric with its values.</summary>
/// <typeparam name="TChild">The value of one set of label values.</typeparam>
public abstract class Collector<TChild> : Collector
    where TChild : ChildBase
{
    private readonly ConcurrentDictionary<LabelValues, TChild> _children = new();
    private readonly Func<LabelValues, TChild> _create;
    private readonly bool _suppressInitialValue;

    private protected Collector(string name, string help, string[] labelNames, bool suppressInitialValue)
        : base(name, help, labelNames)
    {
        _suppressInitialValue = suppressInitialValue;
        _create = values => NewChild(values, !_suppressInitialValue);
    }

    /// <summary>The value of a metric without labels.</summary>
    /// <exception cref="ArgumentException">The metric has labels.</exception>
    public TChild Unlabelled => WithLabels();

    /// <summary>The value of these label values, made on first use.</summary>
    /// <param name="labelValues">One for each label name, in their order; none null.</param>
    /// <exception cref="ArgumentException">There are more or fewer values than labels.</exception>
    /// <exception cref="NotSupportedException">A value is null.</exception>
    public TChild WithLabels(params string[] labelValues)
    {
        ArgumentNullException.ThrowIfNull(labelValues);
        var key = new LabelValues(labelValues);
        return _children.TryGetValue(key, out TChild? child) ? child : _children.GetOrAdd(Checked(labelValues), _create);
    }

    /// <summary>Forgets these label values; their next use starts anew.</summary>
    public void RemoveLabelled(params string[] labelValues) => Remove(new LabelValues(labelValues));

    /// <summary>All sets of label values there are.</summary>
    public IEnumerable<string[]> GetAllLabelValues() =>
        _children.Keys.Where(labels => labels.Values.Length > 0).Select(labels => (string[])labels.Values.Clone());

    internal override void Remove(LabelValues labels) => _children.TryRemove(labels, out _);

    internal override void Write(ExpositionText text)
    {
        if (LabelNames.Length == 0)
        {
            WithLabels();
        }

        foreach (TChild child in _children.Values)
        {
            if (child.IsPublished)
            {
                child.Write(text);
            }
        }
    }

    private protected abstract TChild NewChild(LabelValues labels, bool publish);

    private LabelValues Checked(string[] labelValues)
    {
        if (labelValues.Length != LabelNames.Length)
        {
            throw new ArgumentException(
                $"Metric '{Name}' was given '{labelValues.Length}' label values; it has '{LabelNames.Length}' labels ({string.Join(", ", LabelNames)}).");
        }

        if (labelValues.Contains(null))
        {
            throw new NotSupportedException("Null values are not supported for metric label names and values.");
        }

        // The key outlives the call, the caller's array is its own to change.
        return new LabelValues((string[])labelValues.Clone());
    }
}
