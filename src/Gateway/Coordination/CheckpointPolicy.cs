using System.Text.Json;
using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Coordination;

/// <summary>Decides when a sequence is checkpointed: after so many tokens or so much time, and at its end. Owned by the loop.</summary>
internal sealed class CheckpointPolicy
{
    private readonly string _model;
    private readonly ISessionCheckpoints? _checkpoints;
    private readonly CoordinatorOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Posts checkpoints of one model's sessions.</summary>
    /// <param name="model">Model name.</param>
    /// <param name="checkpoints">Who keeps them; <see langword="null"/> for nobody.</param>
    /// <param name="options">How often.</param>
    /// <param name="time">Clock.</param>
    public CheckpointPolicy(string model, ISessionCheckpoints? checkpoints, CoordinatorOptions options, TimeProvider time)
    {
        _model = model;
        _checkpoints = checkpoints;
        _options = options;
        _time = time;
    }

    /// <summary>Posts a checkpoint when one is due.</summary>
    /// <param name="sequence">A sequence that has just committed tokens.</param>
    /// <param name="finish">Why it ended, if it did.</param>
    public void Consider(RunningSequence sequence, FinishReason finish)
    {
        if (_checkpoints is null || sequence.Request.StreamJson is null)
        {
            return;
        }
        long now = _time.GetTimestamp();
        bool due = finish != FinishReason.None
            || sequence.CheckpointCount == 0
            || sequence.Count - sequence.CheckpointCount >= _options.CheckpointTokens
            || _time.GetElapsedTime(sequence.CheckpointTime, now) >= _options.CheckpointInterval;
        if (!due)
        {
            return;
        }
        sequence.CheckpointTime = now;
        Post(sequence, finish);
    }

    /// <summary>Posts what the last checkpoint lacks of a sequence that ends before its time, for whoever takes it up again.</summary>
    public void Leave(RunningSequence sequence)
    {
        if (_checkpoints is not null && sequence.Request.StreamJson is not null && sequence.Generated > 0 && sequence.Count > sequence.CheckpointCount)
        {
            Post(sequence, FinishReason.None);
        }
    }

    private void Post(RunningSequence sequence, FinishReason finish)
    {
        sequence.CheckpointCount = sequence.Count;
        sequence.SamplingJson ??= JsonSerializer.Serialize(sequence.Request.Sampling);
        _checkpoints!.Post(new SessionCheckpoint
        {
            RequestId = sequence.Request.RequestId,
            Choice = sequence.Request.Index,
            Model = _model,
            Tokens = sequence.Tokens.ToArray(),
            PromptTokens = sequence.PromptCount,
            SamplingJson = sequence.SamplingJson,
            StreamJson = sequence.Request.StreamJson!,
            FinishReason = finish switch { FinishReason.Stop => "stop", FinishReason.Length => "length", _ => null },
        });
    }
}
