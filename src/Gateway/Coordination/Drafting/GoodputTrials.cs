using System.Numerics;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// Whether drafting pays, by what it brings: tokens a second of whole steps, from result to result, with drafts and without, tried by turns for each size of batch. The
/// models of cost by which lengths are chosen (<see cref="DraftLengthPolicy"/>) leave out what they do not know of; this does not, and so drafting is never slower than
/// none for longer than a trial. Owned by the loop.
/// </summary>
/// <remarks>
/// A trial may lose what a hundredth of the time since the last one is worth. Only steps without prompt chunks count, each from the result of another such step, and only
/// those of sequences whose drafts are not fixed: groups of others take their turns between them and change nothing.
/// The law makes it harmless: who drafts never changes tokens.
/// </remarks>
internal sealed class GoodputTrials
{
    // The first results after a change are of steps sent before it, or of drafters that must catch up.
    private const int StepsToSettle = 2;

    private readonly BatchTrials?[] _byBatch = new BatchTrials?[32];
    private readonly DraftScope[] _choices = new DraftScope[3];
    private int _choiceCount;
    private double _plain;
    private long _ordinal;
    private int _class;
    private TrialStamp _last;
    private long _lastAt;
    private int _settling;

    /// <summary>Drafters that may draft now.</summary>
    public DraftScope Scope { get; private set; } = DraftScope.All;

    /// <summary>Stamp of steps that are sent now.</summary>
    public TrialStamp Stamp { get; private set; }

    /// <summary>Forgets everything: another replica.</summary>
    public void Reset()
    {
        Array.Clear(_byBatch);
        (Scope, Stamp, _last) = (DraftScope.All, default, default);
    }

    /// <summary>A step is about to be put together; one for which no drafter may draft by its own choice leaves the trial as it is.</summary>
    /// <param name="batch">Sequences that run.</param>
    /// <param name="fromTokens">Drafters that guess from tokens may draft for one of them.</param>
    /// <param name="computed">Drafters that compute may.</param>
    /// <param name="plain">Tokens a second that are expected without drafts, as far as costs tell; 0 while they do not.</param>
    public void Begin(int batch, bool fromTokens, bool computed, double plain)
    {
        if (!fromTokens && !computed)
        {
            Stamp = Stamp with { IsOfTrial = false };
            return;
        }
        (_choiceCount, _plain) = (0, plain);
        _choices[_choiceCount++] = DraftScope.None;
        if (fromTokens && computed)
        {
            _choices[_choiceCount++] = DraftScope.Tokens;
        }
        _choices[_choiceCount++] = DraftScope.All;
        int now = ClassOf(batch);
        if (now != _class || Stamp.Ordinal == 0)
        {
            _class = now;
            Change();
        }
        Scope = Trials.Scope;
        Stamp = new TrialStamp(_ordinal, batch, IsOfTrial: true);
    }

    /// <summary>A step's result was taken.</summary>
    /// <param name="stamp">Its stamp.</param>
    /// <param name="samplesAll">No prompt chunk was in it.</param>
    /// <param name="step">What it brought.</param>
    /// <param name="time">Clock.</param>
    /// <returns>What it changed.</returns>
    public TrialEvent Observe(TrialStamp stamp, bool samplesAll, StepYield step, TimeProvider time)
    {
        long now = time.GetTimestamp();
        bool isMeasured = samplesAll && stamp.Ordinal == _ordinal && _last.Ordinal == _ordinal && step.Tokens > 0;
        double seconds = time.GetElapsedTime(_lastAt, now).TotalSeconds;
        (_last, _lastAt) = (samplesAll ? stamp : default, now);
        if (!stamp.IsOfTrial || stamp.Ordinal != _ordinal)
        {
            return TrialEvent.None;
        }
        if (!isMeasured || seconds <= 0 || _settling > 0)
        {
            _settling -= isMeasured ? 1 : 0;
            return Follow(Trials.Miss(step.Tokens, isMeasured ? seconds : 0));
        }
        return Follow(Trials.Add(stamp.Batch, step, seconds, _choices.AsSpan(0, _choiceCount), _plain));
    }

    private BatchTrials Trials => _byBatch[_class] ??= new BatchTrials();

    private TrialEvent Follow(TrialEvent change)
    {
        if (change != TrialEvent.None)
        {
            Change();
        }
        return change;
    }

    private void Change()
    {
        _ordinal++;
        _settling = StepsToSettle;
    }

    // 1, 2, 3 and 4, 5 to 8, and so on.
    private static int ClassOf(int batch) => batch <= 1 ? 0 : 1 + BitOperations.Log2((uint)(batch - 1));
}
