using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>Remembers what a coordinator checkpoints.</summary>
internal sealed class SessionRecorder : ISessionCheckpoints, ISessionLog
{
    private int _count;

    /// <summary>Tokens of all checkpoints; any thread may read it.</summary>
    public int Count => Volatile.Read(ref _count);

    public List<SessionHead> Heads { get; } = [];

    public List<(int[] Tokens, string? FinishReason)> Appends { get; } = [];

    public List<IReadOnlyList<int>> Before { get; } = [];

    public List<long> Runs { get; } = [];

    public ISessionLog Open(SessionHead head, IReadOnlyList<int> generated, long run)
    {
        Runs.Add(run);
        Heads.Add(head);
        Before.Add(generated);
        return this;
    }

    public void Append(ReadOnlySpan<int> tokens, string? finishReason)
    {
        Appends.Add((tokens.ToArray(), finishReason));
        Volatile.Write(ref _count, _count + tokens.Length);
    }
}
