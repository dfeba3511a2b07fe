namespace Winnow.Gateway.Coordination;

/// <summary>
/// Chooses how many tokens to draft: the longest draft of the batch by goodput (expected tokens over expected time, after TurboSpec, arXiv
/// 2406.14066), with hysteresis, and within it each sequence's own by what one more of its drafts is worth.
/// </summary>
/// <remarks>
/// A sequence with acceptance <c>a</c> and draft length <c>k</c> is expected to gain <c>(1 - a^(k+1)) / (1 - a)</c> tokens a step. Its draft token number <c>j</c>
/// is worth its row when <c>a^j</c> is at least the batch's tokens per second times the row's seconds.
/// </remarks>
internal sealed class DraftLengthPolicy
{
    private const double InitialAcceptance = 0.6;
    private const double OutcomeWeight = 0.1;
    private const double PriorWeight = 0.02;
    private const double LeastWorth = 0.1;
    private const double WinningMargin = 1.05;
    private const int WinsNeeded = 8;

    private readonly CoordinatorOptions _options;
    private readonly CostTable _target = new();
    private readonly CostTable _draft = new();
    private double _prior = InitialAcceptance;
    private int _wins;

    /// <summary>Starts at the configured initial length.</summary>
    public DraftLengthPolicy(CoordinatorOptions options)
    {
        _options = options;
        Longest = Math.Min(options.InitialDraftTokens, options.MaxDraftTokens);
    }

    /// <summary>Longest draft of an adaptive sequence now.</summary>
    public int Longest { get; private set; }

    /// <summary>A step of so many rows took so long, from sending to its result.</summary>
    public void ObserveTarget(int rows, TimeSpan elapsed) => _target.Observe(rows, elapsed.TotalSeconds);

    /// <summary>
    /// Drafts for so many sequences, the longest of so many tokens, took so long, from asking to the answer. Asking has a price of its own, so a round
    /// is measured whole, by the rows it drafts: a price per pass would make short drafts speak against long ones.
    /// </summary>
    public void ObserveDraft(int sequences, int longest, TimeSpan elapsed) => _draft.Observe(sequences * longest, elapsed.TotalSeconds);

    /// <summary>A step verified a sequence's drafts.</summary>
    public void ObserveOutcome(RunningSequence sequence, int drafted, int accepted)
    {
        double acceptance = AcceptanceOf(sequence);
        int trials = Math.Min(accepted + 1, drafted);
        for (int i = 0; i < trials; i++)
        {
            double outcome = i < accepted ? 1 : 0;
            acceptance += OutcomeWeight * (outcome - acceptance);
            _prior += PriorWeight * (outcome - _prior);
        }
        sequence.Acceptance = acceptance;
    }

    /// <summary>Sets <see cref="RunningSequence.WantedDrafts"/> of every sequence of a group.</summary>
    /// <param name="group">Sequences of the next step; those that may not draft have a room of 0.</param>
    /// <param name="rooms">Most draft tokens of each, by limits that have nothing to do with their worth.</param>
    public void Choose(List<RunningSequence> group, ReadOnlySpan<int> rooms)
    {
        double worth = LeastWorth;
        if (_target.IsKnown && _draft.IsKnown && group.Exists(IsAdaptive))
        {
            UpdateLongest(group, rooms);
            double rowSeconds = _target.SlopeBetween(group.Count, group.Count * (Longest + 1))
                + _draft.SlopeBetween(group.Count, group.Count * (Longest + 1));
            worth = Math.Max(LeastWorth, Rate(group, rooms, Longest) * rowSeconds);
        }
        for (int i = 0; i < group.Count; i++)
        {
            RunningSequence sequence = group[i];
            int? fixedLength = sequence.Request.Speculation.FixedDraftTokens;
            sequence.WantedDrafts = fixedLength is int length ? Math.Min(length, rooms[i]) : Adaptive(sequence, rooms[i], worth);
        }
    }

    private static bool IsAdaptive(RunningSequence sequence) => sequence.Request.Speculation.FixedDraftTokens is null;

    private int Adaptive(RunningSequence sequence, int room, double worth)
    {
        double acceptance = AcceptanceOf(sequence);
        double gain = acceptance;
        int length = 0;
        while (length < Math.Min(Longest, room) && gain >= worth)
        {
            length++;
            gain *= acceptance;
        }
        // A probe is as long as a first draft: one token would say nothing of what several cost and bring.
        bool probe = length == 0 && sequence.StepsWithoutDraft >= _options.DraftProbeSteps;
        return probe ? Math.Min(Math.Min(_options.InitialDraftTokens, _options.MaxDraftTokens), room) : length;
    }

    private void UpdateLongest(List<RunningSequence> group, ReadOnlySpan<int> rooms)
    {
        int best = 0;
        double bestRate = Rate(group, rooms, 0);
        for (int length = 1; length <= _options.MaxDraftTokens; length++)
        {
            double rate = Rate(group, rooms, length);
            if (rate > bestRate)
            {
                best = length;
                bestRate = rate;
            }
        }
        bool wins = best != Longest && bestRate > WinningMargin * Rate(group, rooms, Longest);
        _wins = wins ? _wins + 1 : 0;
        if (_wins >= WinsNeeded)
        {
            Longest = best;
            _wins = 0;
        }
    }

    private double Rate(List<RunningSequence> group, ReadOnlySpan<int> rooms, int longest)
    {
        double tokens = 0;
        int rows = 0;
        int passes = 0;
        for (int i = 0; i < group.Count; i++)
        {
            int length = Math.Min(longest, rooms[i]);
            tokens += ExpectedTokens(AcceptanceOf(group[i]), length);
            rows += length + 1;
            passes = Math.Max(passes, length);
        }
        return tokens / (_target.At(rows) + (passes > 0 ? _draft.At(group.Count * passes) : 0));
    }

    private double AcceptanceOf(RunningSequence sequence) => double.IsNaN(sequence.Acceptance) ? _prior : sequence.Acceptance;

    private static double ExpectedTokens(double acceptance, int length) =>
        acceptance > 0.999 ? length + 1 : (1 - Math.Pow(acceptance, length + 1)) / (1 - acceptance);
}
