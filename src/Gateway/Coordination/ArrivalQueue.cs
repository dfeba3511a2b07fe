namespace Winnow.Gateway.Coordination;

/// <summary>
/// Sequences that wait to be taken into the batch, the most urgent first, bounded in number. Any thread may use it; sequences whose client has gone leave it at once, so that they keep no
/// place from others.
/// </summary>
/// <param name="capacity">Most sequences.</param>
internal sealed class ArrivalQueue(int capacity)
{
    private readonly Lock _gate = new();
    private readonly SortedSet<RunningSequence> _sequences = new(Comparer<RunningSequence>.Create(static (a, b) => a.CompareUrgency(b)));
    private bool _isComplete;

    /// <summary>Sequences in it.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _sequences.Count;
            }
        }
    }

    /// <summary>Adds a sequence; <see langword="false"/> when the queue is full or complete.</summary>
    public bool TryAdd(RunningSequence sequence)
    {
        lock (_gate)
        {
            return !_isComplete && _sequences.Count < capacity && _sequences.Add(sequence);
        }
    }

    /// <summary>Takes the most urgent sequence; <see langword="null"/> when there is none.</summary>
    public RunningSequence? TryTake()
    {
        lock (_gate)
        {
            RunningSequence? first = _sequences.Min;
            if (first is not null)
            {
                _sequences.Remove(first);
            }
            return first;
        }
    }

    /// <summary>Takes a sequence out, if it is still there.</summary>
    public void Remove(RunningSequence sequence)
    {
        lock (_gate)
        {
            _sequences.Remove(sequence);
        }
    }

    /// <summary>Those in it now.</summary>
    public RunningSequence[] All()
    {
        lock (_gate)
        {
            return [.. _sequences];
        }
    }

    /// <summary>Takes no more sequences.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
        }
    }
}
