using System.Collections.Concurrent;

namespace Winnow.ContractTests;

/// <summary>What grains and tests of one process tell each other, by key: events in their order, and gates to wait at.</summary>
internal sealed class Probe
{
    private static readonly ConcurrentDictionary<string, Probe> Probes = new();
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static int _lastKey;

    private readonly ConcurrentQueue<string> _events = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();

    internal IReadOnlyList<string> Events => [.. _events];

    internal static string NewKey() => $"key-{Interlocked.Increment(ref _lastKey)}";

    internal static Probe Of(string key) => Probes.GetOrAdd(key, _ => new Probe());

    /// <summary>Notes an event and opens the gate of that name.</summary>
    internal void Note(string name)
    {
        _events.Enqueue(name);
        Open(name);
    }

    internal void Open(string gate) => Gate(gate).TrySetResult();

    /// <summary>Waits for an event or an opened gate.</summary>
    internal async Task Pass(string gate)
    {
        try
        {
            await Gate(gate).Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"Nobody opened gate '{gate}' in {Patience}; events so far: {string.Join(", ", _events)}.");
        }
    }

    private TaskCompletionSource Gate(string name) =>
        _gates.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
