using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// Chooses how many tokens of one drafter to verify: the longest draft of the batch by goodput (expected tokens over expected time, after TurboSpec, arXiv
/// 2406.14066), with hysteresis, and within it each sequence's own by what one more of its drafts is worth.
/// </summary>
/// <remarks>
/// A sequence with acceptance <c>a</c> and draft length <c>k</c> is expected to gain <c>(1 - a^(k+1)) / (1 - a)</c> tokens a step. Its draft token number <c>j</c>
/// is worth its row when <c>a^j</c> is at least the batch's tokens per second times the row's seconds. No drafts at all is a length like any other, but the
/// one to return to when the rest is within a few hundredths of it.
/// </remarks>
internal sealed class DraftLengthPolicy
{
    private const double OutcomeWeight = 0.1;
    private const double PriorWeight = 0.02;
    private const double LeastWorth = 0.1;
    private const double WinningMargin = 1.05;
    private const double LeastGain = 1.03;
    private const int WinsNeeded = 8;
    private const int MostWinsNeeded = 1024;
    private const int StepsThatProve = 256;

    private readonly CoordinatorOptions _options;
    private readonly int _source;
    private readonly CostTable _target;
    private readonly CostTable? _draft;
    private readonly ProbeBudget _probes;
    private readonly double[] _priors;
    private double _worth = LeastWorth;
    private double _wholeWorth = LeastWorth;
    private int _wins;
    private int _winsToRise = WinsNeeded;
    private int _stepsAbove;

    /// <summary>Starts at the configured initial length.</summary>
    /// <param name="options">Limits.</param>
    /// <param name="source">Index of the drafter.</param>
    /// <param name="target">Times of the target's steps by rows; shared by all drafters.</param>
    /// <param name="probes">Time for probes; shared by all drafters.</param>
    /// <param name="isAsked">Drafts cost a round of asking, by <see cref="ObserveDraft"/>; otherwise they cost next to nothing.</param>
    /// <param name="priors">Acceptance by grade that is expected of a sequence about which nothing is known.</param>
    public DraftLengthPolicy(CoordinatorOptions options, int source, CostTable target, ProbeBudget probes, bool isAsked, ReadOnlySpan<double> priors)
    {
        _options = options;
        _source = source;
        _target = target;
        _draft = isAsked ? new CostTable() : null;
        _probes = probes;
        _priors = [.. priors];
        Longest = Math.Min(options.InitialDraftTokens, options.MaxDraftTokens);
    }

    /// <summary>Longest draft of an adaptive sequence now.</summary>
    public int Longest { get; private set; }

    /// <summary>Part of the drafts for which it must be asked; the others have been prepared while the target worked.</summary>
    public double AskShare { get; set; } = 1;

    private bool IsKnown => _target.IsKnown && _draft?.IsKnown != false;

    /// <summary>
    /// Drafts for so many sequences, the longest of so many tokens, took so long, from asking to the answer. Asking has a price of its own, so a round
    /// is measured whole, by the rows it drafts: a price per pass would make short drafts speak against long ones.
    /// </summary>
    public void ObserveDraft(int sequences, int longest, TimeSpan elapsed) => _draft?.Observe(sequences * longest, elapsed.TotalSeconds);

    /// <summary>Drafts for a sequence are compared with what the target drew, up to the first that differs.</summary>
    public void ObserveOutcome(SequenceDrafts drafts, DraftTree draft, ReadOnlySpan<int> drawn)
    {
        int accepted = draft.Follow(drawn, out int last);
        ObserveOutcome(drafts, accepted < drawn.Length && draft.HasChild(last) ? accepted + 1 : accepted, accepted);
    }

    /// <summary>As the other, with what came of the comparison.</summary>
    public void ObserveOutcome(SequenceDrafts drafts, int compared, int accepted)
    {
        double acceptance = AcceptanceOf(drafts);
        for (int i = 0; i < Math.Min(accepted + 1, compared); i++)
        {
            double outcome = i < accepted ? 1 : 0;
            acceptance += OutcomeWeight * (outcome - acceptance);
            _priors[drafts.Grade] += PriorWeight * (outcome - _priors[drafts.Grade]);
        }
        drafts.Acceptance[drafts.Grade] = acceptance;
    }

    /// <summary>
    /// Tokens that a sequence is expected to gain by drafts of this drafter, less those that the batch would make in the time they take; 0 when none pay.
    /// </summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="room">Most draft tokens it may have.</param>
    public double ValueOf(RunningSequence sequence, int room)
    {
        int? fixedLength = sequence.Request.Speculation.FixedDraftTokens;
        double worth = fixedLength is null ? _wholeWorth : 0;
        double acceptance = AcceptanceOf(sequence.DraftsOf[_source]);
        double gain = acceptance;
        double value = 0;
        for (int length = Math.Min(fixedLength ?? Longest, room); length > 0 && gain >= worth; length--)
        {
            value += gain - worth;
            gain *= acceptance;
        }
        return value;
    }

    /// <summary>Tokens that a sequence is expected to gain by a step with so many drafts, the target's own with them.</summary>
    public double ExpectedTokens(RunningSequence sequence, int length)
    {
        double acceptance = AcceptanceOf(sequence.DraftsOf[_source]);
        double tokens = 1;
        for (double gain = acceptance; length > 0; length--, gain *= acceptance)
        {
            tokens += gain;
        }
        return tokens;
    }

    /// <summary>Sets <see cref="RunningSequence.WantedDrafts"/> of those of a group that use this drafter now.</summary>
    /// <param name="group">Sequences of the next step.</param>
    /// <param name="rooms">Most draft tokens of each, by limits that have nothing to do with their worth.</param>
    public void Choose(List<RunningSequence> group, ReadOnlySpan<int> rooms)
    {
        if (IsKnown && group.Exists(IsAdaptive))
        {
            Weigh(group, rooms);
        }
        for (int i = 0; i < group.Count; i++)
        {
            if (group[i].Drafter?.Index == _source)
            {
                int? fixedLength = group[i].Request.Speculation.FixedDraftTokens;
                group[i].WantedDrafts = fixedLength is int length ? Math.Min(length, rooms[i]) : Adaptive(group[i], rooms[i], group.Count);
            }
        }
    }

    private bool IsAdaptive(RunningSequence sequence) => sequence.Drafter?.Index == _source && sequence.Request.Speculation.FixedDraftTokens is null;

    private int Adaptive(RunningSequence sequence, int room, int rows)
    {
        double acceptance = AcceptanceOf(sequence.DraftsOf[_source]);
        double gain = acceptance;
        int length = 0;
        while (length < Math.Min(Longest, room) && gain >= _worth)
        {
            length++;
            gain *= acceptance;
        }
        if (length > 0 || sequence.StepsWithoutDraft < _options.DraftProbeSteps)
        {
            return length;
        }
        // A probe is as long as a first draft: one token would say nothing of what several cost and bring.
        int probe = Math.Min(Math.Min(_options.InitialDraftTokens, _options.MaxDraftTokens), room);
        double cost = _target.IsKnown ? _target.At(rows + probe) - _target.At(rows) : 0;
        cost += _draft?.IsKnown == true ? _draft.At(probe) : 0;
        return _probes.TrySpend(cost) ? probe : 0;
    }

    /// <summary>Finds the batch's best length, and with it what a draft's row must be worth.</summary>
    private void Weigh(List<RunningSequence> group, ReadOnlySpan<int> rooms)
    {
        Span<double> rates = stackalloc double[SpeculationOptions.MaxDraftTokens + 1];
        rates = rates[..(_options.MaxDraftTokens + 1)];
        int members = Rate(group, rooms, rates);
        int best = 0;
        for (int length = 1; length < rates.Length; length++)
        {
            best = rates[length] > rates[best] && rates[length] > LeastGain * rates[0] ? length : best;
        }
        Follow(best, rates);
        int drafted = members * Math.Max(1, Longest);
        double row = _target.SlopeBetween(group.Count, group.Count + drafted);
        _worth = Math.Max(LeastWorth, rates[Longest] * (row + (AskShare * (_draft?.SlopeBetween(members, Math.Max(members + 1, drafted)) ?? 0))));
        _wholeWorth = Math.Max(LeastWorth, rates[Longest] * (row + (AskShare * (_draft?.At(drafted) ?? 0) / drafted)));
    }

    // Falling to nothing needs no margin: it is what drafting must not be slower than. Each fall makes the next rise slower, until drafting has proved itself: where
    // times jitter, lengths that do not pay win now and then.
    private void Follow(int best, ReadOnlySpan<double> rates)
    {
        bool wins = best == 0
            ? rates[Longest] < LeastGain * rates[0] && Longest > 0
            : best != Longest && rates[best] > WinningMargin * rates[Longest];
        _wins = wins ? _wins + 1 : 0;
        _stepsAbove = Longest > 0 ? _stepsAbove + 1 : 0;
        _winsToRise = _stepsAbove >= StepsThatProve ? WinsNeeded : _winsToRise;
        if (_wins < (Longest == 0 ? _winsToRise : WinsNeeded))
        {
            return;
        }
        _winsToRise = best == 0 ? Math.Min(MostWinsNeeded, 2 * _winsToRise) : _winsToRise;
        Longest = best;
        _wins = 0;
    }

    /// <summary>Expected tokens a second of a group for every longest draft; those of the group that use other drafters count a row and a token.</summary>
    /// <returns>Sequences that this drafter drafts for.</returns>
    private int Rate(List<RunningSequence> group, ReadOnlySpan<int> rooms, Span<double> rates)
    {
        Span<int> rows = stackalloc int[rates.Length];
        rates.Clear();
        rows.Clear();
        int members = 0;
        int mostRoom = 0;
        for (int i = 0; i < group.Count; i++)
        {
            int room = IsAdaptive(group[i]) ? rooms[i] : 0;
            double acceptance = room > 0 ? AcceptanceOf(group[i].DraftsOf[_source]) : 0;
            members += IsAdaptive(group[i]) ? 1 : 0;
            mostRoom = Math.Max(mostRoom, room);
            double tokens = 1;
            double gain = 1;
            for (int length = 0; length < rates.Length; length++)
            {
                rates[length] += tokens;
                rows[length] += Math.Min(length, room) + 1;
                gain *= acceptance;
                tokens += length < room ? gain : 0;
            }
        }
        for (int length = 0; length < rates.Length; length++)
        {
            int passes = Math.Min(length, mostRoom);
            rates[length] /= _target.At(rows[length]) + (passes > 0 ? AskShare * (_draft?.At(members * passes) ?? 0) : 0);
        }
        return members;
    }

    private double AcceptanceOf(SequenceDrafts drafts) =>
        double.IsNaN(drafts.Acceptance[drafts.Grade]) ? _priors[drafts.Grade] : drafts.Acceptance[drafts.Grade];
}
