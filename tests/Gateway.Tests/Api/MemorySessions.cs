using System.Collections.Concurrent;
using System.Text.Json;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Streams;

namespace Winnow.Gateway.Tests.Api;

/// <summary>Sessions in memory, changed by tests as a coordinator would.</summary>
internal sealed class MemorySessions : IStreamSessions
{
    private readonly ConcurrentDictionary<string, SessionChoice[]> _streams = new();

    /// <summary>Id of the stream opened last.</summary>
    public string LastId { get; private set; } = "";

    /// <summary>Waited for by every opening when set.</summary>
    public Task? Hold { get; set; }

    public async Task OpenAsync(IReadOnlyList<SessionHead> heads)
    {
        await (Hold ?? Task.CompletedTask);
        LastId = heads[0].RequestId;
        _streams[LastId] = [.. heads.Select(head => new SessionChoice { Head = head, Tokens = [] })];
    }

    /// <summary>Called before every answer of <see cref="FindAsync"/> when set.</summary>
    public Action? Asked { get; set; }

    /// <summary>Called before a session begins runs when set.</summary>
    public Action? Beginning { get; set; }

    /// <summary>What runs that generate other tokens began with.</summary>
    public List<GenerationRequest> Begun { get; } = [];

    public Task<SessionSnapshot?> FindAsync(string id, CancellationToken cancellation)
    {
        Asked?.Invoke();
        return Task.FromResult(_streams.TryGetValue(id, out SessionChoice[]? choices) ? new SessionSnapshot { Choices = choices } : null);
    }

    public Task<long?> BeginRunsAsync(string id, IReadOnlyList<GenerationRequest> runs, CancellationToken cancellation)
    {
        Beginning?.Invoke();
        SessionChoice[] choices = [.. _streams[id]];
        if (runs.Any(run => choices[run.Index].Run != run.Run || choices[run.Index].Tokens.Count < run.Generated.Count))
        {
            return Task.FromResult<long?>(null);
        }
        long number = SessionRunStart.NumberAfter(choices.Max(choice => choice.Run));
        foreach (GenerationRequest run in runs)
        {
            choices[run.Index] = choices[run.Index] with { Run = number, Tokens = [.. run.Generated] };
        }
        _streams[id] = choices;
        Begun.AddRange(runs);
        return Task.FromResult<long?>(number);
    }

    /// <summary>Choices of that stream.</summary>
    public int Choices => _streams[LastId].Length;

    /// <summary>The checkpoint of a choice of an answer after so many of its tokens, as far as its limit allows.</summary>
    public void Checkpoint(int choice, int[] answer, int known)
    {
        int limit = JsonDocument.Parse(_streams[LastId][choice].Head.StreamJson).RootElement.GetProperty("MaxTokens").GetInt32();
        int[] generated = answer[..Math.Min(known, limit)];
        Checkpoint(choice, generated, generated.Length == answer.Length ? "stop" : generated.Length == limit ? "length" : null);
    }

    /// <summary>The checkpoint of a choice with these generated tokens.</summary>
    public void Checkpoint(int choice, IReadOnlyList<int> generated, string? finish = null, long run = 0)
    {
        SessionChoice[] choices = [.. _streams[LastId]];
        choices[choice] = choices[choice] with { Tokens = generated, FinishReason = finish, Run = run };
        _streams[LastId] = choices;
    }

    /// <summary>Another key is the owner from now on, or anything else changes.</summary>
    public void Alter(Func<SessionHead, SessionHead> change) => _streams[LastId] = [.. _streams[LastId].Select(choice => choice with { Head = change(choice.Head) })];
}
