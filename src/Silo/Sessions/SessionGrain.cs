using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Winnow.Contracts.Grains;
using Winnow.Silo.Storage;

namespace Winnow.Silo.Sessions;

/// <summary>The resume points of every choice of one request: a head record that is written once, and segments that grow by what is new.</summary>
internal sealed class SessionGrain(
    [PersistentState(SessionGrain.StateName)] IPersistentState<SessionState> state,
    SessionSegments segments,
    IOptions<SiloOptions> options,
    TimeProvider time) : Grain, ISessionGrain
{
    /// <summary>Name of the head records in the storage.</summary>
    internal const string StateName = "session";

    /// <summary>More choices than any gateway lets a request have.</summary>
    private const int MaxChoices = 4096;

    private readonly List<ChoiceLog> _choices = [];

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!state.State.Removed)
        {
            foreach (SessionHead head in state.State.Heads)
            {
                ChoiceLog choice = new(segments, head);
                await choice.LoadAsync();
                _choices.Add(choice);
            }
        }
        if (state.State.Removed)
        {
            await RemoveAsync();
        }
        else
        {
            await Expire();
        }
    }

    /// <inheritdoc/>
    public async Task Open(IReadOnlyList<SessionHead> heads)
    {
        foreach (SessionHead head in heads)
        {
            Check(head);
        }
        await StoringAsync(() => BeginAsync(heads));
    }

    /// <inheritdoc/>
    public async Task<int> Checkpoint(SessionCheckpoint checkpoint)
    {
        Check(checkpoint);
        ChoiceLog? log = Find(checkpoint.Choice);
        if (log is null && checkpoint.Head is null)
        {
            return SessionCheckpoint.Unknown;
        }
        await StoringAsync(async () =>
        {
            if (log is null)
            {
                await BeginAsync([checkpoint.Head!]);
                log = Find(checkpoint.Choice)!;
            }
            await log.AppendAsync(checkpoint, NowMs);
        });
        if (_choices.TrueForAll(choice => choice.FinishReason is not null))
        {
            DeactivateOnIdle();
        }
        return log!.Tokens.Count;
    }

    /// <inheritdoc/>
    public async Task<long> BeginRuns(IReadOnlyList<SessionRunStart> starts)
    {
        foreach (SessionRunStart start in starts)
        {
            Check(start);
            if (Find(start.Choice) is not { } choice || choice.Run != start.After || choice.Tokens.Count < start.Position)
            {
                return SessionRunStart.NotBegun;
            }
        }
        long run = SessionRunStart.NumberAfter(_choices.Max(choice => choice.Run));
        await StoringAsync(async () =>
        {
            foreach (SessionRunStart start in starts)
            {
                await Find(start.Choice)!.BeginRunAsync(start.Position, run, NowMs);
            }
        });
        return run;
    }

    /// <inheritdoc/>
    public Task<SessionSnapshot?> Get() => Task.FromResult(_choices.Count == 0 ? null : new SessionSnapshot
    {
        Choices = _choices.OrderBy(c => c.Head.Choice)
            .Select(c => new SessionChoice { Head = c.Head, Tokens = c.Tokens.ToArray(), FinishReason = c.FinishReason, Run = c.Run }).ToArray(),
    });

    /// <inheritdoc/>
    public async Task Expire()
    {
        if (_choices.Count > 0 && NowMs - _choices.Max(choice => Math.Max(choice.WrittenMs, state.State.WrittenMs)) >= options.Value.SessionTimeToLive.TotalMilliseconds)
        {
            await StoringAsync(RemoveAsync);
            SiloMetrics.SessionsExpired.Inc();
        }
    }

    /// <inheritdoc/>
    public async Task Clear()
    {
        DeactivateOnIdle();
        await RemoveAsync();
    }

    private ChoiceLog? Find(int choice) => _choices.Find(known => known.Head.Choice == choice);

    private async Task StoringAsync(Func<Task> store)
    {
        try
        {
            await store();
        }
        catch
        {
            // What is stored now is not certain; the next activation reads it.
            DeactivateOnIdle();
            throw;
        }
    }

    private async Task BeginAsync(IReadOnlyList<SessionHead> heads)
    {
        SessionHead[] added = [.. heads.Where(head => Find(head.Choice) is null)];
        if (added.Length == 0)
        {
            return;
        }
        await state.ChangeAsync(state.State with { Version = new SessionState().Version, WrittenMs = NowMs, Heads = [.. state.State.Heads, .. added] });
        _choices.AddRange(added.Select(head => new ChoiceLog(segments, head)));
    }

    // A crash after the mark leaves a session that the next activation goes on removing; none is ever read in part.
    private async Task RemoveAsync()
    {
        if (!state.RecordExists)
        {
            return;
        }
        if (!state.State.Removed)
        {
            await state.ChangeAsync(state.State with { Removed = true });
        }
        _choices.Clear();
        foreach (SessionHead head in state.State.Heads)
        {
            await segments.RemoveAsync(head.RequestId, head.Choice);
        }
        await state.ClearStateAsync();
    }

    private void Check(SessionCheckpoint checkpoint)
    {
        if (checkpoint.Choice is < 0 or >= MaxChoices || checkpoint.Position < 0 || checkpoint.Run < 0)
        {
            throw new ArgumentException(
                $"The checkpoint of session '{this.GetPrimaryKeyString()}' is of choice '{checkpoint.Choice}' at position '{checkpoint.Position}' in run '{checkpoint.Run}'; "
                + $"choices are 0 to {MaxChoices - 1}, positions and runs 0 or more.",
                nameof(checkpoint));
        }
        if (checkpoint.Head is { } head)
        {
            Check(head);
            if (head.Choice != checkpoint.Choice)
            {
                throw new ArgumentException(
                    $"The checkpoint of choice '{checkpoint.Choice}' of session '{head.RequestId}' carries the head of choice '{head.Choice}'.", nameof(checkpoint));
            }
        }
    }

    private void Check(SessionRunStart start)
    {
        if (start.Choice is < 0 or >= MaxChoices || start.Position < 0 || start.After < 0)
        {
            throw new ArgumentException(
                $"A run of session '{this.GetPrimaryKeyString()}' is of choice '{start.Choice}' from position '{start.Position}' on, after run '{start.After}'; "
                + $"choices are 0 to {MaxChoices - 1}, positions and runs 0 or more.",
                nameof(start));
        }
    }

    private void Check(SessionHead head)
    {
        string session = this.GetPrimaryKeyString();
        if (head.RequestId != session || head.Choice is < 0 or >= MaxChoices)
        {
            throw new ArgumentException(
                $"The head of session '{head.RequestId}', choice '{head.Choice}', was sent to session '{session}'; choices are 0 to {MaxChoices - 1}.", nameof(head));
        }
        if (session.Length > FileGrainStorage.LongestPlainKey)
        {
            throw new ArgumentException(
                $"Session id '{session[..20]}…' has '{session.Length}' characters; at most {FileGrainStorage.LongestPlainKey} are allowed.", nameof(head));
        }
    }
}
