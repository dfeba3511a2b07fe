using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>
/// One choice as far as this gateway generated it, and how much of that its grain has. Keeps all tokens, so that a grain that lost some can be given them again.
/// Filled by the coordinator's loop, read by one writer at a time.
/// </summary>
/// <param name="head">What the choice began with.</param>
/// <param name="generated">Tokens that an earlier run generated.</param>
/// <param name="run">The run that goes on behind those; see <see cref="SessionCheckpoint.Run"/>.</param>
/// <param name="queue">Has <see cref="Next"/> called soon; called once until <see cref="Confirm"/> or <see cref="Rest"/> has said that nothing is left.</param>
internal sealed class SessionLog(SessionHead head, IReadOnlyList<int> generated, long run, Action<SessionLog> queue) : ISessionLog
{
    private readonly Lock _lock = new();
    private readonly List<int> _tokens = [.. generated];
    private string? _finishReason;
    private bool _finishHeld;

    /// <summary>What the grain is believed to have, until it says otherwise.</summary>
    private int _held = generated.Count;
    private int _failures;
    private bool _queued;

    /// <summary>What the choice began with.</summary>
    public SessionHead Head { get; } = head;

    /// <inheritdoc />
    public void Append(ReadOnlySpan<int> tokens, string? finishReason)
    {
        lock (_lock)
        {
            _tokens.AddRange(tokens);
            _finishReason ??= finishReason;
            if (_queued)
            {
                return;
            }
            _queued = true;
            _failures = 0;
        }
        queue(this);
    }

    /// <summary>What the grain is to be sent now.</summary>
    public SessionCheckpoint Next()
    {
        lock (_lock)
        {
            int position = Math.Max(0, _held);
            return new SessionCheckpoint
            {
                Choice = Head.Choice,
                Head = _held < 0 ? Head : null,
                Position = position,
                Tokens = _tokens[position..].ToArray(),
                FinishReason = _finishReason,
                Run = run,
            };
        }
    }

    /// <summary>The grain answered.</summary>
    /// <param name="sent">What it was sent.</param>
    /// <param name="held">Tokens it has.</param>
    /// <returns>Whether there is more to send.</returns>
    public bool Confirm(SessionCheckpoint sent, int held)
    {
        lock (_lock)
        {
            _failures = 0;
            bool whole = held >= sent.Position + sent.Tokens.Count;
            // A grain that neither takes the tokens nor says where others are missing will not do so the next time either.
            bool refused = !whole && held == _held;
            _held = Math.Min(held, _tokens.Count);
            _finishHeld = whole && sent.FinishReason is not null;
            _queued = !refused && (_held < _tokens.Count || (_finishReason is not null && !_finishHeld));
            return _queued;
        }
    }

    /// <summary>The grain did not answer; counts how often in a row.</summary>
    public int Fail()
    {
        lock (_lock)
        {
            return ++_failures;
        }
    }

    /// <summary>Nothing is sent until there is more.</summary>
    public void Rest()
    {
        lock (_lock)
        {
            _queued = false;
        }
    }
}
