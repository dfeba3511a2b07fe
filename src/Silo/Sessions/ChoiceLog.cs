using Orleans;
using Winnow.Contracts.Grains;

namespace Winnow.Silo.Sessions;

/// <summary>One choice of a session: what is stored of it, and how it grows.</summary>
internal sealed class ChoiceLog
{
    /// <summary>
    /// A segment of so many tokens takes no more. Bounds what one checkpoint writes again; smaller makes more records.
    /// </summary>
    internal const int SegmentTokens = 128;

    private readonly SessionSegments _segments;
    private readonly List<int> _tokens = [];
    private GrainState<SessionSegment>? _tail;
    private int _count;

    /// <summary>A choice that has begun and generated nothing.</summary>
    public ChoiceLog(SessionSegments segments, SessionHead head)
    {
        _segments = segments;
        Head = head;
    }

    /// <summary>What the choice began with.</summary>
    public SessionHead Head { get; }

    /// <summary>Generated tokens that are durable.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Why the choice ended, or <see langword="null"/>.</summary>
    public string? FinishReason => _tail?.State.FinishReason;

    /// <summary>When tokens were last written, in milliseconds since 1970; 0 when there are none.</summary>
    public long WrittenMs => _tail?.State.WrittenMs ?? 0;

    /// <summary>Reads what is stored of the choice.</summary>
    public async Task LoadAsync()
    {
        GrainState<SessionSegment> next;
        while ((next = await _segments.ReadAsync(Head.RequestId, Head.Choice, _count)).RecordExists)
        {
            _tail = next;
            _count++;
            _tokens.AddRange(next.State.Tokens);
        }
    }

    /// <summary>Stores what a checkpoint adds, by one write; nothing when it adds nothing, or when tokens before it are missing.</summary>
    /// <param name="checkpoint">Checkpoint of this choice.</param>
    /// <param name="nowMs">Time of the write.</param>
    public async Task AppendAsync(SessionCheckpoint checkpoint, long nowMs)
    {
        int known = _tokens.Count - checkpoint.Position;
        bool isNew = checkpoint.Tokens.Count > known || (checkpoint.Tokens.Count == known && checkpoint.FinishReason is not null);
        if (known < 0 || !isNew || FinishReason is not null)
        {
            return;
        }
        bool fits = _tail is not null && _tail.State.Tokens.Count < SegmentTokens;
        // Arrays, since lists that the compiler makes for interfaces have no codec.
        int[] added = [.. checkpoint.Tokens.Skip(known)];
        int[] tokens = fits ? [.. _tail!.State.Tokens, .. added] : added;
        int index = fits ? _count - 1 : _count;
        GrainState<SessionSegment> record = new(
            new SessionSegment
            {
                Tokens = tokens,
                FinishReason = checkpoint.FinishReason,
                WrittenMs = nowMs,
            },
            fits ? _tail!.ETag : null)
        {
            RecordExists = fits,
        };
        await _segments.WriteAsync(Head.RequestId, Head.Choice, index, record);
        (_tail, _count) = (record, index + 1);
        _tokens.AddRange(added);
    }
}
