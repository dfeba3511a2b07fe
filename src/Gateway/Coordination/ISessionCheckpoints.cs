using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Coordination;

/// <summary>Takes resume points of running sessions, to be kept where another gateway finds them.</summary>
public interface ISessionCheckpoints
{
    /// <summary>Hands a checkpoint over without waiting; a later one of the same choice replaces it. Called by the coordinator's loop.</summary>
    void Post(SessionCheckpoint checkpoint);
}
