using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>Remembers what a coordinator checkpoints.</summary>
internal sealed class SessionRecorder : ISessionCheckpoints, ISessionLog
{
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

    public void Append(ReadOnlySpan<int> tokens, string? finishReason) => Appends.Add((tokens.ToArray(), finishReason));
}
