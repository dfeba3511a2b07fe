using Winnow.Inference.Execution;

namespace Winnow.Gateway.Coordination;

/// <content>Choosing sequences for steps, sending them, taking their results.</content>
internal sealed partial class CoordinatorLoop
{
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
            if (_draftsReady)
            {
                TakeForming();
                await SendAsync().ConfigureAwait(false);
            }
            else
            {
                goesOn = TryGather() && (_speculator.TryBegin(_group, ReservedRows()) || await SendAsync().ConfigureAwait(false));
            }
            goesOn &= _replica is not null;
        }
        if (_replica is not null && _batch.Running.Count == 0)
        {
            _speculator.FlushCloses();
        }
    }

    // A batch is split over as many steps as there are shards, so that no shard waits, but never into steps of too few sequences:
    // a small step costs nearly as much as a larger one.
    private int Places(int active)
    {
        int most = _options.MaxStepsInFlight > 0 ? _options.MaxStepsInFlight : _batch.Shape!.Shards;
        return Math.Clamp(active / _options.MinStepSequences, 1, most);
    }

    private bool TryGather()
    {
        _group.Clear();
        int active = 0;
        foreach (RunningSequence sequence in _batch.Running)
        {
            bool busy = sequence.InFlight || sequence.IsDrafting;
            if (!busy && !sequence.CanReport())
            {
                continue;
            }
            active++;
            if (!busy && !_speculator.Waits(sequence))
            {
                _group.Add(sequence);
            }
        }
        int places = Places(active);
        if (_group.Count == 0 || _inFlight.Count + (_speculator.IsForming ? 1 : 0) >= places)
        {
            return false;
        }
        Cut((active + places - 1) / places);
        return true;
    }

    private void Cut(int most)
    {
        if (_group.Count > most)
        {
            _group.Sort(MostUrgentFirst);
            _group.RemoveRange(most, _group.Count - most);
        }
    }

    // The step that waited for drafts goes now, with those of its sequences that are still there and prompt chunks that came meanwhile.
    private void TakeForming()
    {
        _draftsReady = false;
        _group.Clear();
        foreach (RunningSequence sequence in _speculator.Group)
        {
            if (sequence.IsDrafting && sequence.CanReport())
            {
                _group.Add(sequence);
            }
        }
        _speculator.EndForming();
        if (Places(_batch.Running.Count) == 1)
        {
            foreach (RunningSequence sequence in _batch.Running)
            {
                if (!sequence.InFlight && !_group.Contains(sequence) && sequence.CanReport())
                {
                    _group.Add(sequence);
                }
            }
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
        sent.SentAt = _time.GetTimestamp();
        _inFlight.Enqueue(sent);
        _instruments.StepSent(sent.Rows);
        try
        {
            await _replica!.Pipeline.SendAsync(batch, _stop.Token).ConfigureAwait(false);
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
                _committer.Retry(sequence, error);
            }
        }
        else
        {
            _speculator.Chooser.ObserveTarget(sent.Rows, sent.SamplesAll, elapsed);
            for (int i = 0; i < sent.Sequences.Count; i++)
            {
                _committer.Commit(sent.Sequences[i], ResultFor(result, i, sent.Sequences[i].Slot));
            }
        }
        Recycle(sent);
        VerifyBatch();
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
