using Winnow.Inference.Graph;

namespace Winnow.Cli.Bench;

/// <summary>Adds up the operations of passes while it is on.</summary>
internal sealed class OperationRecorder(TimeProvider time) : IOperationProfile
{
    private readonly Dictionary<(OperationKind Kind, string Type), OperationTotal> _totals = [];
    private long _begin;
    private long _wait;

    /// <summary>Whether operations are taken down.</summary>
    public bool IsOn { get; set; }

    /// <summary>What was done since <see cref="Clear"/>.</summary>
    public IReadOnlyList<OperationTotal> Totals => [.. _totals.Values];

    /// <summary>Forgets everything.</summary>
    public void Clear() => _totals.Clear();

    /// <inheritdoc />
    public void Begin()
    {
        if (IsOn)
        {
            _begin = time.GetTimestamp();
            _wait = 0;
        }
    }

    /// <inheritdoc />
    public void Wait()
    {
        if (IsOn)
        {
            _wait = time.GetTimestamp();
        }
    }

    /// <inheritdoc />
    public void End(in Operation operation)
    {
        if (!IsOn)
        {
            return;
        }
        long end = time.GetTimestamp();
        string type = operation.Type is { } one ? one.ToString() : OperationTotal.TypeOf(operation);
        if (!_totals.TryGetValue((operation.Kind, type), out OperationTotal? total))
        {
            _totals.Add((operation.Kind, type), total = new OperationTotal(operation.Kind, operation.Type, type));
        }
        total.Calls++;
        total.Seconds += time.GetElapsedTime(_begin, end).TotalSeconds;
        total.WaitSeconds += _wait == 0 ? 0 : time.GetElapsedTime(_wait, end).TotalSeconds;
        total.Bytes += operation.Bytes;
        total.MultiplyAdds += operation.MultiplyAdds;
    }
}
