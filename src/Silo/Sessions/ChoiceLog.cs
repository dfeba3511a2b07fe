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
    private readonly List<GrainState<SessionSegment>> _records = [];

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
    public string? FinishReason => Tail?.State.FinishReason;

    /// <summary>The latest run of the choice.</summary>
    public long Run => Tail?.State.Run ?? 0;

    /// <summary>When tokens were last written, in milliseconds since 1970; 0 when there are none.</summary>
    public long WrittenMs => Tail?.State.WrittenMs ?? 0;

    private GrainState<SessionSegment>? Tail => _records.Count > 0 ? _records[^1] : null;

    /// <summary>Reads what is stored of the choice.</summary>
    public async Task LoadAsync()
    {
        GrainState<SessionSegment> next;
        while ((next = await _segments.ReadAsync(Head.RequestId, Head.Choice, _records.Count)).RecordExists)
        {
            _records.Add(next);
            _tokens.AddRange(next.State.Tokens);
        }
    }

    /// <summary>
    /// Stores what a checkpoint adds, by one write; nothing when it adds nothing, when tokens before it are missing, or when a later run has begun. The first checkpoint of a later run
    /// takes away what earlier ones generated behind its position.
    /// </summary>
    /// <param name="checkpoint">Checkpoint of this choice.</param>
    /// <param name="nowMs">Time of the write.</param>
    public async Task AppendAsync(SessionCheckpoint checkpoint, long nowMs)
    {
        if (_tokens.Count < checkpoint.Position || checkpoint.Run < Run)
        {
            return;
        }
        if (checkpoint.Run > Run)
        {
            await BeginRunAsync(checkpoint.Position, checkpoint.Run, nowMs);
        }
        int known = _tokens.Count - checkpoint.Position;
        bool isNew = checkpoint.Tokens.Count > known || (checkpoint.Tokens.Count == known && checkpoint.FinishReason is not null);
        if (!isNew || FinishReason is not null)
        {
            return;
        }
        bool fits = Tail is { } tail && tail.State.Tokens.Count < SegmentTokens;
        int[] added = [.. checkpoint.Tokens.Skip(known)];
        await WriteAsync(fits ? _records.Count - 1 : _records.Count, new SessionSegment
        {
            // Arrays, since lists that the compiler makes for interfaces have no codec.
            Tokens = fits ? (int[])[.. Tail!.State.Tokens, .. added] : added,
            FinishReason = checkpoint.FinishReason,
            WrittenMs = nowMs,
            Run = checkpoint.Run,
        });
        _tokens.AddRange(added);
    }

    /// <summary>Takes away what earlier runs generated behind a position, and lets a later one go on from there.</summary>
    /// <param name="position">Tokens that are kept, at most as many as there are.</param>
    /// <param name="run">The later run.</param>
    /// <param name="nowMs">Time of the write.</param>
    public async Task BeginRunAsync(int position, long run, long nowMs)
    {
        // The last segments go first: what a crash leaves on the way is less of the earlier run, and whole.
        int start = _tokens.Count - (Tail?.State.Tokens.Count ?? 0);
        while (start > position)
        {
            await _segments.RemoveAsync(Head.RequestId, Head.Choice, _records.Count - 1, Tail!);
            _records.RemoveAt(_records.Count - 1);
            _tokens.RemoveRange(start, _tokens.Count - start);
            start -= Tail!.State.Tokens.Count;
        }
        int[] kept = [.. _tokens[start..position]];
        await WriteAsync(Math.Max(0, _records.Count - 1), new SessionSegment { Tokens = kept, WrittenMs = nowMs, Run = run });
        _tokens.RemoveRange(position, _tokens.Count - position);
    }

    private async Task WriteAsync(int index, SessionSegment segment)
    {
        bool isThere = index < _records.Count;
        GrainState<SessionSegment> record = new(segment, isThere ? _records[index].ETag : null) { RecordExists = isThere };
        await _segments.WriteAsync(Head.RequestId, Head.Choice, index, record);
        if (isThere)
        {
            _records[index] = record;
        }
        else
        {
            _records.Add(record);
        }
    }
}
