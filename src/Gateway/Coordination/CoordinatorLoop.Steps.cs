using Winnow.Gateway.Coordination.Drafting;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Coordination;

/// <content>Choosing sequences for steps, sending them, taking their results.</content>
internal sealed partial class CoordinatorLoop
{
    // More would only make the steps of others wait behind them.
    private const int MostChunksInFlight = 4;

    // Decodes before prompt chunks, then whoever has waited longest.
    private static readonly Comparison<RunningSequence> MostUrgentFirst = static (a, b) =>
    {
        int byKind = (a.KnownCount > 1).CompareTo(b.KnownCount > 1);
        int byTurn = byKind != 0 ? byKind : a.LastStep.CompareTo(b.LastStep);
        return byTurn != 0 ? byTurn : a.Id.CompareTo(b.Id);
    };

    private async ValueTask ScheduleAsync()
    {
        bool goesOn = _replica is not null;
        while (goesOn)
        {
            _batch.Admit();
            goesOn = TryGather();
            if (goesOn)
            {
                _speculator.Begin(_group, ReservedRows(), _pace.IsLatencyBound(_batch.Shape!.Shards), _batch.Running.Count);
                // When all of them wait for their drafts, others may be ready.
                goesOn = _group.Count == 0 || await SendAsync().ConfigureAwait(false);
            }
            goesOn &= _replica is not null;
        }
        if (_replica is not null && _batch.Running.Count == 0)
        {
            _speculator.FlushCloses();
        }
    }

    // A batch is split over as many steps as fit on the way, so that no shard waits, but never into steps of too few sequences: a small step costs
    // nearly as much as a larger one, unless links take most of its time.
    private int Places(int active)
    {
        return Math.Clamp(_pace.IsLatencyBound(_batch.Shape!.Shards) ? active : active / _options.MinStepSequences, 1, MostInFlight());
    }

    private int MostInFlight() => _options.MaxStepsInFlight > 0 ? _options.MaxStepsInFlight : _pace.MostInFlight(_batch.Shape!.Shards);

    private bool TryGather()
    {
        _group.Clear();
        int active = 0;
        foreach (RunningSequence sequence in _batch.Running)
        {
            bool busy = sequence.InFlight || sequence.IsDrafting;
            if (!busy && !sequence.CanReport())
            {
                _checkpoints.Leave(sequence);
                continue;
            }
            active++;
            if (!busy)
            {
                _group.Add(sequence);
            }
        }
        int places = Places(active);
        if (_group.Count == 0 || _inFlight.Count + _speculator.WaitingSteps >= places)
        {
            return TryGatherChunks();
        }
        if (places < active || !_pace.IsLatencyBound(_batch.Shape!.Shards))
        {
            Cut((active + places - 1) / places);
        }
        return true;
    }

    // Of a prompt all tokens are known, so that its chunks can follow each other without waiting for results.
    private bool TryGatherChunks()
    {
        _group.Clear();
        if (_inFlight.Count + _speculator.WaitingSteps < MostInFlight())
        {
            foreach (RunningSequence sequence in _batch.Running)
            {
                bool goesOn = sequence.InFlight && sequence.UnsentCount > 0 && sequence.StepsInFlight < MostChunksInFlight;
                if (goesOn && sequence.Fault is null && !sequence.IsCancelled)
                {
                    _group.Add(sequence);
                }
            }
        }
        return _group.Count > 0;
    }

    private void Cut(int most)
    {
        if (_group.Count > most)
        {
            _group.Sort(MostUrgentFirst);
            _group.RemoveRange(most, _group.Count - most);
        }
    }

    private int ReservedRows()
    {
        foreach (RunningSequence sequence in _batch.Running)
        {
            if (sequence.KnownCount > 1)
            {
                return Math.Min(_options.PrefillChunkTokens, _options.MaxStepTokens / 4);
            }
        }
        return 0;
    }

    private async ValueTask<bool> SendAsync()
    {
        StepInFlight sent = _spare.Count > 0 ? _spare.Pop() : new StepInFlight();
        StepBatch? batch = _builder.Build(_group, _batch.Shape!.Epoch, _step + 1, sent.Sequences);
        if (batch is null)
        {
            _spare.Push(sent);
            return false;
        }
        _step++;
        sent.Step = _step;
        sent.Closes.AddRange(batch.Closes);
        sent.Rows = 0;
        sent.SamplesAll = true;
        foreach (SequenceRows rows in batch.Sequences)
        {
            sent.Rows += rows.Tokens.Length;
            sent.SamplesAll &= rows.KnownCount == 1;
        }
        sent.Trial = _speculator.Chooser.Trial;
        sent.SentAt = _time.GetTimestamp();
        _inFlight.Enqueue(sent);
        _instruments.StepSent(sent.Rows);
        try
        {
            await _replica!.Pipeline.SendAsync(batch, _stop.Token).ConfigureAwait(false);
            _speculator.Sent(sent.Sequences);
            return true;
        }
        catch (Exception exception)
        {
            Detach(exception);
            return false;
        }
    }

    private void TakeResult(StepResult result)
    {
        if (result.Step <= _calibratedUntil)
        {
            // Of a step that the calibration no longer waited for.
            return;
        }
        if (!_inFlight.TryPeek(out StepInFlight? sent) || sent.Step != result.Step)
        {
            string expected = sent is null ? "no step is in flight" : $"step '{sent.Step}' is next";
            Detach(new InvalidDataException($"The pipeline answered to step '{result.Step}', but {expected}."));
            return;
        }
        _inFlight.Dequeue();
        TimeSpan elapsed = _time.GetElapsedTime(sent.SentAt);
        _instruments.StepEnded(elapsed);
        if (result.Error is { } error)
        {
            StepFailed(_logger, result.Step, error.Type, error.Message);
            _batch.RepeatCloses(sent.Closes);
            foreach (RunningSequence sequence in sent.Sequences)
            {
                _committer.Fail(sequence, error);
            }
        }
        else
        {
            ObserveStep(sent, elapsed, result);
            (long drafted, long generated) = (_committer.Drafted, _committer.Generated);
            for (int i = 0; i < sent.Sequences.Count; i++)
            {
                _committer.Commit(sent.Sequences[i], ResultFor(result, i, sent.Sequences[i].Slot));
            }
            var brought = new StepYield(sent.Sequences.Count, (int)(_committer.Drafted - drafted), (int)(_committer.Generated - generated));
            _speculator.Chooser.ObserveGoodput(sent.Trial, sent.SamplesAll, brought);
        }
        Recycle(sent);
        VerifyBatch();
    }

    private void ObserveStep(StepInFlight step, TimeSpan elapsed, StepResult result)
    {
        // Times are a peer's: they count as far as they can be true.
        TimeSpan head = TimeSpan.FromMicroseconds(Math.Clamp(result.HeadMicros, 0, elapsed.TotalMicroseconds / 2));
        TimeSpan exit = TimeSpan.FromMicroseconds(Math.Clamp(result.ExitMicros, 0, elapsed.TotalMicroseconds * 3 / 4));
        TimeSpan target = elapsed - head - exit;
        int rows = step.Rows;
        foreach (SequenceResult sequence in result.Sequences)
        {
            rows += sequence.ExitDrafts.Length;
        }
        _speculator.Chooser.ObserveTarget(rows, step.SamplesAll, target > TimeSpan.Zero ? target : elapsed);
        _speculator.Chooser.ObserveHead(step.Sequences, step.SamplesAll, head);
        _speculator.Chooser.ObserveExit(step.Sequences, step.SamplesAll, exit);
        if (step.SamplesAll)
        {
            _speculator.ObserveStep(elapsed);
            _pace.Observe(elapsed, TimeSpan.FromMicroseconds(Math.Clamp(result.ComputeMicros, 0, elapsed.TotalMicroseconds)));
        }
    }

    // Results stand in the step's order, but for rows that a shard dropped.
    private static SequenceResult? ResultFor(StepResult result, int index, int slot)
    {
        if (index < result.Sequences.Count && result.Sequences[index].Slot == slot)
        {
            return result.Sequences[index];
        }
        foreach (SequenceResult candidate in result.Sequences)
        {
            if (candidate.Slot == slot)
            {
                return candidate;
            }
        }
        return null;
    }

    private void Recycle(StepInFlight step)
    {
        step.Clear();
        _spare.Push(step);
    }

    [System.Diagnostics.Conditional("DEBUG")]
    private void VerifyBatch()
    {
        if (_replica is not null)
        {
            _batch.Verify();
        }
    }
}
