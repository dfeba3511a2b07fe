using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// Chooses how many tokens of one drafter to verify, as a chain or a tree: the most of any sequence of the batch by goodput (expected tokens over expected time, after
/// TurboSpec, arXiv 2406.14066), with hysteresis, and within it each sequence's own by what one more of its drafts is worth.
/// </summary>
/// <remarks>
/// A sequence with acceptance <c>a</c> and draft length <c>k</c> is expected to gain <c>(1 - a^(k+1)) / (1 - a)</c> tokens a step. Its draft token number <c>j</c>
/// is worth its row when <c>a^j</c> is at least the batch's tokens per second times the row's seconds; a node of a tree when the product of the chances on its path is.
/// What trees bring is learned by size (<see cref="TreeGains"/>). No drafts at all is a length like any other, but the one to return to when the rest is within a
/// few hundredths of it.
/// </remarks>
internal sealed class DraftLengthPolicy
{
    private const double OutcomeWeight = 0.1;
    private const double PriorWeight = 0.02;
    private const double LeastWorth = 0.1;
    private const double LeastTreeWorth = 0.01;
    private const double WinningMargin = 1.05;
    private const double LeastGain = 1.03;
    private const int WinsNeeded = 8;
    private const int MostWinsNeeded = 1024;
    private const int StepsThatProve = 256;
    private const int ControlSteps = 512;
    private const int StaleSteps = 64;

    private readonly CoordinatorOptions _options;
    private readonly int _source;
    private readonly CostTable _target;
    private readonly CostTable? _draft;
    private readonly CostTable _treeDraft = new();
    private readonly DraftPlan[] _plans;
    private readonly TreeGains _trees;
    private readonly ProbeBudget _probes;
    private readonly bool _drawsTrees;
    private readonly double[] _priors;
    private double _worth = LeastWorth;
    private double _wholeWorth = LeastWorth;
    private int _plan;
    private int _wins;
    private int _winsToRise = WinsNeeded;
    private int _stepsAbove;
    private int _controlGap = 1;
    private int _toControl = 1;

    /// <summary>Starts at the configured initial length.</summary>
    /// <param name="options">Limits.</param>
    /// <param name="source">Index of the drafter.</param>
    /// <param name="target">Times of the target's steps by rows; shared by all drafters.</param>
    /// <param name="probes">Time for probes; shared by all drafters.</param>
    /// <param name="isAsked">Drafts cost a round of asking, by <see cref="ObserveDraft"/>; otherwise they cost next to nothing.</param>
    /// <param name="priors">Acceptance by grade that is expected of a sequence about which nothing is known.</param>
    /// <param name="drawsTrees">It drafts trees too, not only chains.</param>
    public DraftLengthPolicy(CoordinatorOptions options, int source, CostTable target, ProbeBudget probes, bool isAsked, ReadOnlySpan<double> priors, bool drawsTrees = true)
    {
        _options = options;
        _source = source;
        _target = target;
        _draft = isAsked ? new CostTable() : null;
        _probes = probes;
        _priors = [.. priors];
        _plans = DraftPlan.All(options.MaxDraftTokens, drawsTrees ? options.MaxTreeNodes : 0);
        _drawsTrees = drawsTrees;
        _trees = new TreeGains(_plans);
        _plan = Math.Min(options.InitialDraftTokens, options.MaxDraftTokens);
    }

    /// <summary>Longest chain, or depth of the trees, of an adaptive sequence now.</summary>
    public int Longest => _plans[_plan].Length;

    /// <summary>What the longest draft is now.</summary>
    public DraftPlan Plan => _plans[_plan];

    /// <summary>What a further draft must be worth: its chance to be kept.</summary>
    public double Worth => _worth;

    /// <summary>Part of the drafts for which it must be asked; the others have been prepared while the target worked.</summary>
    public double AskShare { get; set; } = 1;

    private bool IsKnown => _target.IsKnown && _draft?.IsKnown != false;

    /// <summary>It drafts again after a time in which it was not asked: what drafts cost then says little, and they begin at the initial length.</summary>
    public void Restart()
    {
        _draft?.Clear();
        if (Longest == 0)
        {
            (_plan, _wins, _winsToRise) = (Math.Min(_options.InitialDraftTokens, _options.MaxDraftTokens), 0, WinsNeeded);
        }
    }

    /// <summary>Rounds for so many tokens, of all sequences together, have been timed before serving, in seconds.</summary>
    public void SeedDraft(int tokens, double seconds) => _draft?.Seed(tokens, seconds);

    /// <summary>
    /// Drafts for so many sequences, the longest of so many tokens, took so long, from asking to the answer. Asking has a price of its own, so a round
    /// is measured whole, by the rows it drafts: a price per pass would make short drafts speak against long ones.
    /// </summary>
    public void ObserveDraft(int sequences, int longest, TimeSpan elapsed) => _draft?.Observe(sequences * longest, elapsed.TotalSeconds);

    /// <summary>As the other, where trees were asked for, the largest of so many nodes.</summary>
    public void ObserveTreeDraft(int sequences, int nodes, TimeSpan elapsed) => _treeDraft.Observe(sequences * nodes, elapsed.TotalSeconds);

    /// <summary>Drafts for a sequence are compared with what the target drew, up to the first that differs.</summary>
    public void ObserveOutcome(SequenceDrafts drafts, DraftTree draft, ReadOnlySpan<int> drawn)
    {
        int node = DraftTree.Root;
        for (int i = 0; i < drawn.Length && draft.HasChild(node); i++)
        {
            int child = draft.ChildOf(node, drawn[i]);
            // In a tree acceptance is that of first children: what the others catch counts with the tree.
            Observe(drafts, child >= 0 && draft.IsFirstChild(child) ? 1 : 0);
            if (child < 0)
            {
                break;
            }
            node = child;
        }
        if (draft.Room.Width > 1)
        {
            _trees.Observe(draft, drawn, AcceptanceOf(drafts));
        }
    }

    private void Observe(SequenceDrafts drafts, double outcome)
    {
        drafts.Acceptance[drafts.Grade] = AcceptanceOf(drafts) + (OutcomeWeight * (outcome - AcceptanceOf(drafts)));
        _priors[drafts.Grade] += PriorWeight * (outcome - _priors[drafts.Grade]);
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
        SequenceDrafts drafts = sequence.DraftsOf[_source];
        double acceptance = AcceptanceOf(drafts);
        if (drafts.Guess.Room.Width > 1 && drafts.Guess.Count > 0)
        {
            int nodes = _trees.Worthwhile(drafts.Guess, worth, acceptance, out double expected);
            return expected - (nodes * worth);
        }
        if (TreeNodesOf(sequence) is > 0 and int wanted)
        {
            int plan = PlanOf(wanted);
            return Math.Max(0, _trees.Expected(plan, acceptance) - (worth * wanted));
        }
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
    public double ExpectedTokens(RunningSequence sequence, int length) => 1 + ChainGain(AcceptanceOf(sequence.DraftsOf[_source]), length);

    /// <summary>Room for a guess from tokens: a tree where one may be wanted, so that it is known what it would bring.</summary>
    public DraftRoom GuessRoom(RunningSequence sequence, int room, int vocabularySize) => TreeNodesOf(sequence) is > 0 and int nodes
        ? new DraftRoom(nodes, room, DraftPlan.WidthOf(nodes), vocabularySize)
        : DraftRoom.ForChain(room, vocabularySize);

    /// <summary>Sets <see cref="RunningSequence.WantedDrafts"/> of those of a group that use this drafter now, and the form these are to have.</summary>
    /// <param name="group">Sequences of the next step.</param>
    /// <param name="rooms">Most draft tokens of each, one after another, by limits that have nothing to do with their worth.</param>
    public void Choose(List<RunningSequence> group, ReadOnlySpan<int> rooms)
    {
        bool isAdaptive = HasAdaptive(group);
        if (IsKnown && isAdaptive)
        {
            Weigh(group, rooms);
        }
        bool isControl = IsKnown && isAdaptive && IsControl(group.Count);
        for (int i = 0; i < group.Count; i++)
        {
            if (group[i].Drafter?.Index == _source)
            {
                Choose(group[i], isControl && IsAdaptive(group[i]) ? 0 : rooms[i], group.Count);
            }
        }
    }

    // What a step without drafts takes must have been seen to be compared with: a batch that began with drafts would never show it, calibration times some sizes only and
    // short contexts, and the trials leave none at all out where these very costs tell that drafting gains much (BatchTrials). One step in 512 keeps them true; where the
    // batch shows it all the same never (others draft a fixed length), the steps tried become as rare.
    private bool IsControl(int rows)
    {
        if (Longest == 0 || _target.HasMeasured(rows, ControlSteps))
        {
            _controlGap = _toControl = 1;
            return false;
        }
        if (--_toControl > 0)
        {
            return false;
        }
        _toControl = _controlGap = Math.Min(ControlSteps, 2 * _controlGap);
        return true;
    }

    /// <summary>Cuts the draft model's tree to the nodes that are worth their rows.</summary>
    public void CutToWorth(RunningSequence sequence)
    {
        // Leaving drafts out because of what they are bends the law of the rules that judge by their distribution.
        if (sequence.WantedWidth > 1 && sequence.Request.Speculation.FixedDraftTokens is null && !AcceptanceRules.NeedsLaw(sequence.Request.Sampling.Rule))
        {
            sequence.Drafts.Cut(_trees.Worthwhile(sequence.Drafts, _worth, AcceptanceOf(sequence.DraftsOf[_source]), out _));
        }
    }

    private void Choose(RunningSequence sequence, int room, int rows)
    {
        SequenceDrafts drafts = sequence.DraftsOf[_source];
        int? fixedLength = sequence.Request.Speculation.FixedDraftTokens;
        int nodes = TreeNodesOf(sequence);
        sequence.WantedDepth = room;
        if (nodes == 0 || room == 0)
        {
            sequence.WantedWidth = 1;
            sequence.WantedDrafts = fixedLength is int length ? Math.Min(length, room) : Adaptive(sequence, room, rows);
            return;
        }
        sequence.WantedWidth = DraftPlan.WidthOf(nodes);
        sequence.WantedDrafts = fixedLength is not null ? nodes
            : drafts.Guess.Count > 0 ? _trees.Worthwhile(drafts.Guess, _worth, AcceptanceOf(drafts), out _)
            : _trees.Expected(PlanOf(nodes), AcceptanceOf(drafts)) >= _worth ? nodes : 0;
    }

    // Nodes of a sequence's tree by its request and the plan; 0 for a chain.
    private int TreeNodesOf(RunningSequence sequence)
    {
        if (!_drawsTrees)
        {
            return 0;
        }
        SpeculationOptions asked = sequence.Request.Speculation;
        int nodes = asked.FixedDraftTokens is int given
            ? (asked.Shape == DraftShape.Tree ? given : 0)
            : Plan.IsTree ? Plan.Nodes : asked.Shape == DraftShape.Tree ? Longest : 0;
        nodes = Math.Min(nodes, sequence.TreeRoom);
        return nodes < 2 ? 0 : nodes;
    }

    // The plan of the largest tree with at most so many nodes.
    private int PlanOf(int nodes)
    {
        int plan = Math.Min(_options.MaxDraftTokens + 1, _plans.Length - 1);
        while (plan + 1 < _plans.Length && _plans[plan + 1].Nodes <= nodes)
        {
            plan++;
        }
        return plan;
    }

    // In place of a search by a delegate, which would be made anew for every step.
    private bool HasAdaptive(List<RunningSequence> group)
    {
        foreach (RunningSequence sequence in group)
        {
            if (IsAdaptive(sequence))
            {
                return true;
            }
        }
        return false;
    }

    private bool IsAdaptive(RunningSequence sequence) => sequence.Drafter?.Index == _source && sequence.Request.Speculation.FixedDraftTokens is null;

    private int Adaptive(RunningSequence sequence, int room, int rows)
    {
        double acceptance = AcceptanceOf(sequence);
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

    /// <summary>Finds the batch's best plan, and with it what a draft's row must be worth.</summary>
    private void Weigh(List<RunningSequence> group, ReadOnlySpan<int> rooms)
    {
        Span<double> rates = stackalloc double[_plans.Length];
        int members = Rate(group, rooms, rates);
        int best = 0;
        int plans = group.Exists(sequence => sequence.TreeRoom >= 2) ? rates.Length : _options.MaxDraftTokens + 1;
        for (int plan = 1; plan < plans; plan++)
        {
            best = rates[plan] > rates[best] && rates[plan] > LeastGain * rates[0] ? plan : best;
        }
        Follow(best, rates);
        int drafted = members * Math.Max(1, Plan.IsTree ? Plan.Nodes : Longest);
        double row = _target.SlopeBetween(group.Count, group.Count + drafted);
        double draft = DraftSeconds(Plan, members, Longest);
        // A tree has been drafted when its nodes are weighed: what is left to pay is the target's row.
        double further = Plan.IsTree || _draft is null ? 0 : AskShare * _draft.SlopeBetween(members, Math.Max(members + 1, drafted));
        _worth = Math.Max(Plan.IsTree ? LeastTreeWorth : LeastWorth, rates[_plan] * (row + further));
        _wholeWorth = Math.Max(LeastWorth, rates[_plan] * (row + (draft / drafted)));
    }

    // A round of the draft model, as far as it must be waited for: trees are not prepared ahead. They are estimated from their rows until they have been measured.
    private double DraftSeconds(DraftPlan plan, int members, int passes) => _draft is null || passes == 0 ? 0
        : !plan.IsTree ? AskShare * _draft.At(members * passes)
        : _treeDraft.IsKnown ? _treeDraft.At(members * plan.Nodes)
        : _draft.At(members * DraftPlan.RowsOf(plan.Nodes, passes));

    // Falling to nothing needs no margin: it is what drafting must not be slower than. Each fall makes the next rise slower, until drafting has proved itself: where
    // times jitter, lengths that do not pay win now and then.
    private void Follow(int best, ReadOnlySpan<double> rates)
    {
        bool wins = best == 0
            ? rates[_plan] < LeastGain * rates[0] && Longest > 0
            : best != _plan && rates[best] > WinningMargin * rates[_plan];
        _wins = wins ? _wins + 1 : 0;
        _stepsAbove = Longest > 0 ? _stepsAbove + 1 : 0;
        _winsToRise = _stepsAbove >= StepsThatProve ? WinsNeeded : _winsToRise;
        if (_wins < (Longest == 0 ? _winsToRise : WinsNeeded))
        {
            return;
        }
        _winsToRise = best == 0 ? Math.Min(MostWinsNeeded, 2 * _winsToRise) : _winsToRise;
        _plan = best;
        _wins = 0;
    }

    /// <summary>Expected tokens a second of a group for every plan; those of the group that use other drafters count a row and a token.</summary>
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
            members += IsAdaptive(group[i]) ? 1 : 0;
            mostRoom = Math.Max(mostRoom, room);
            Add(group[i], room, rates, rows);
        }
        for (int plan = 0; plan < rates.Length; plan++)
        {
            rates[plan] /= _target.At(rows[plan]) + DraftSeconds(_plans[plan], members, Math.Min(_plans[plan].Length, mostRoom));
        }
        return members;
    }

    private void Add(RunningSequence sequence, int room, Span<double> tokensOf, Span<int> rowsOf)
    {
        double acceptance = room > 0 ? AcceptanceOf(sequence) : 0;
        for (int plan = 0; plan < _plans.Length; plan++)
        {
            int nodes = Math.Min(_plans[plan].Nodes, sequence.TreeRoom);
            int length = Math.Min(_plans[plan].Length, room);
            bool isTree = length > 0 && nodes >= 2;
            tokensOf[plan] += 1 + (isTree ? Math.Min(length, _trees.Expected(nodes == _plans[plan].Nodes ? plan : PlanOf(nodes), acceptance)) : ChainGain(acceptance, length));
            rowsOf[plan] += 1 + (isTree ? nodes : length);
        }
    }

    private static double ChainGain(double acceptance, int length)
    {
        double tokens = 0;
        for (double gain = acceptance; length > 0; length--, gain *= acceptance)
        {
            tokens += gain;
        }
        return tokens;
    }

    // What a sequence brought long ago says less than what others brought since; guesses from tokens are compared whether verified or not.
    private double AcceptanceOf(RunningSequence sequence)
    {
        SequenceDrafts drafts = sequence.DraftsOf[_source];
        return _draft is not null && sequence.StepsWithoutDraft > StaleSteps ? _priors[drafts.Grade] : AcceptanceOf(drafts);
    }

    private double AcceptanceOf(SequenceDrafts drafts) =>
        double.IsNaN(drafts.Acceptance[drafts.Grade]) ? _priors[drafts.Grade] : drafts.Acceptance[drafts.Grade];
}
