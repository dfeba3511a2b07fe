namespace Winnow.Gateway.Coordination;

/// <summary>Decides when a sequence is checkpointed: after so many tokens or so much time, and whenever it stops running. Owned by the loop.</summary>
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
        bool isNewRun = sequence.Session is null && sequence.Request.Run > 0;
        if (sequence.Session is null)
        {
            sequence.Session = _checkpoints.Open(sequence.Request.ToHead(_model), sequence.Request.Generated, sequence.Request.Run);
            sequence.CheckpointCount = sequence.PromptCount + sequence.Request.Generated.Count;
            sequence.CheckpointTime = _time.GetTimestamp();
        }
        // The sooner a session knows of a run that generates other tokens, the less of an earlier one can be mistaken for it.
        bool due = finish != FinishReason.None
            || isNewRun
            || sequence.Count - sequence.CheckpointCount >= _options.CheckpointTokens
            || _time.GetElapsedTime(sequence.CheckpointTime) >= _options.CheckpointInterval;
        if (due)
        {
            Post(sequence, sequence.Session, finish);
        }
    }

    /// <summary>Posts what the last checkpoint lacks of a sequence that stops running for a while, or before its time, for whoever takes it up again.</summary>
    public void Leave(RunningSequence sequence)
    {
        if (sequence.Session is { } session && sequence.Count > sequence.CheckpointCount)
        {
            Post(sequence, session, FinishReason.None);
        }
    }

    private void Post(RunningSequence sequence, ISessionLog session, FinishReason finish)
    {
        session.Append(sequence.Tokens[sequence.CheckpointCount..], finish switch
        {
            FinishReason.Stop => "stop",
            FinishReason.Length => "length",
            _ => null,
        });
        sequence.CheckpointCount = sequence.Count;
        sequence.CheckpointTime = _time.GetTimestamp();
    }
}
