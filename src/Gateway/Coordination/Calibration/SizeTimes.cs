using System.Globalization;

namespace Winnow.Gateway.Coordination.Calibration;

/// <summary>The last few times of each size, the smallest size first. The first times of a process are those of cold code, so that the last ones count.</summary>
internal sealed class SizeTimes
{
    private const int Kept = 5;
    private readonly SortedDictionary<int, Queue<double>> _times = [];

    /// <summary>Sizes measured, rising.</summary>
    public IEnumerable<int> Sizes => _times.Keys;

    /// <summary>Adds a measurement in seconds.</summary>
    public void Add(int size, double seconds)
    {
        if (!_times.TryGetValue(size, out Queue<double>? kept))
        {
            _times.Add(size, kept = new Queue<double>());
        }
        if (kept.Count == Kept)
        {
            kept.Dequeue();
        }
        kept.Enqueue(seconds);
    }

    /// <summary>Median of the last few times of a size in seconds, of two the less; 0 when it has not been measured.</summary>
    public double Of(int size) => _times.TryGetValue(size, out Queue<double>? kept) ? kept.Order().ElementAt((kept.Count - 1) / 2) : 0;

    /// <summary>Tells every size with its seconds (<see cref="Of"/>), rising.</summary>
    public void ForEach(Action<int, double> tell)
    {
        foreach (int size in Sizes)
        {
            tell(size, Of(size));
        }
    }

    /// <summary>Every size with its milliseconds, for people.</summary>
    public override string ToString() =>
        _times.Count == 0 ? "none" : string.Join(", ", Sizes.Select(size => string.Create(CultureInfo.InvariantCulture, $"{size}: {1000 * Of(size):0.00}")));
}
