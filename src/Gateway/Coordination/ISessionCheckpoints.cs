using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Coordination;

/// <summary>Takes resume points of running sessions, to be kept where another gateway finds them.</summary>
public interface ISessionCheckpoints
{
    /// <summary>Goes on to keep a choice whose session has been opened. Called by the coordinator's loop.</summary>
    /// <param name="head">What the choice began with.</param>
    /// <param name="generated">Tokens of it that an earlier run generated, which its session has.</param>
    /// <param name="run">The run that goes on behind those; see <see cref="SessionCheckpoint.Run"/>.</param>
    ISessionLog Open(SessionHead head, IReadOnlyList<int> generated, long run);
}

/// <summary>Takes the tokens of one choice. Called by the coordinator's loop; it does not wait. What was added is written even when nothing more comes.</summary>
public interface ISessionLog
{
    /// <summary>Adds tokens, and why the choice ended when it has; both are written soon.</summary>
    void Append(ReadOnlySpan<int> tokens, string? finishReason);
}
