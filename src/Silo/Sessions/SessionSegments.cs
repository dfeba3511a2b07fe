using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Winnow.Silo.Sessions;

/// <summary>
/// Where the segments of sessions are kept: each a record of its own in the grains' storage, numbered within its choice, so that a checkpoint
/// writes one small record whatever the length of the session.
/// </summary>
/// <param name="storage">The grains' storage.</param>
internal sealed class SessionSegments(IGrainStorage storage)
{
    private const string StateName = "segment";
    private static readonly GrainType Type = GrainType.Create("sessionsegment");

    /// <summary>Reads a segment; a record that is not there has no tokens and says so.</summary>
    public async Task<GrainState<SessionSegment>> ReadAsync(string session, int choice, int segment)
    {
        GrainState<SessionSegment> record = new(new SessionSegment());
        await storage.ReadStateAsync(StateName, Id(session, choice, segment), record);
        return record;
    }

    /// <summary>Writes a segment, a new one or over the one that was read.</summary>
    public Task WriteAsync(string session, int choice, int segment, GrainState<SessionSegment> record) =>
        storage.WriteStateAsync(StateName, Id(session, choice, segment), record);

    /// <summary>Removes a segment.</summary>
    public Task RemoveAsync(string session, int choice, int segment, GrainState<SessionSegment> record) =>
        storage.ClearStateAsync(StateName, Id(session, choice, segment), record);

    /// <summary>Removes all segments of a choice, the last one first, so that those left by a crash are numbered from 0 on.</summary>
    public async Task RemoveAsync(string session, int choice)
    {
        List<GrainState<SessionSegment>> records = [];
        for (GrainState<SessionSegment> next; (next = await ReadAsync(session, choice, records.Count)).RecordExists;)
        {
            records.Add(next);
        }
        for (int i = records.Count - 1; i >= 0; i--)
        {
            await RemoveAsync(session, choice, i, records[i]);
        }
    }

    private static GrainId Id(string session, int choice, int segment) => GrainId.Create(Type, $"{session}/{choice}/{segment}");
}
