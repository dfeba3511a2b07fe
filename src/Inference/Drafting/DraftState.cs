using System.Diagnostics;
using Winnow.Inference.Acceptance;
using Winnow.Inference.Cache;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>What a drafter remembers of a sequence.</summary>
internal sealed class DraftState
{
    private readonly List<float> _confidences = [];
    private readonly List<DraftLaw> _laws = [];

    /// <summary>The coordinator's id.</summary>
    public required long Sequence { get; init; }

    /// <summary>Tokens as last told, then those drafted after them.</summary>
    public TokenChain Chain { get; } = new();

    /// <summary>Leading tokens of <see cref="Chain"/> whose keys and values are stored.</summary>
    public int Stored { get; set; }

    /// <summary>Physical block of every block size positions.</summary>
    public List<int> Blocks { get; } = [];

    /// <summary>The last tree grown for it; <see langword="null"/> before the first.</summary>
    public TreeSearch? Tree { get; set; }

    /// <summary>This round grows a tree.</summary>
    public bool GrowsTree { get; set; }

    /// <summary>Blocks lent for the keys and values of the tree's nodes.</summary>
    public List<int> LentBlocks { get; } = [];

    /// <summary>How the target samples.</summary>
    public required SamplingPlan Plan { get; set; }

    /// <summary>Counts for penalties, of the tokens as told; <see langword="null"/> when none is on.</summary>
    public TokenHistory? History { get; set; }

    /// <summary>Generation index 0 is the token after these.</summary>
    public int PromptTokens { get; set; }

    /// <summary>Round that last asked for the sequence.</summary>
    public long LastRound { get; set; }

    /// <summary>Tokens as told in this round; those after them in <see cref="Chain"/> are drafts.</summary>
    public int Told { get; private set; }

    /// <summary>Drafts wanted in this round; 0 when the sequence takes no further part in it.</summary>
    public int Wanted { get; set; }

    /// <summary>Chance that all drafts of this round are kept.</summary>
    public double Reach { get; set; }

    /// <summary>The chain stops when <see cref="Reach"/> falls below this.</summary>
    public double LeastChance { get; set; }

    /// <summary>Why this round's chain ended.</summary>
    public DraftStop Stop { get; set; }

    /// <summary>What the target verifies now, when branches are drafted for its outcomes.</summary>
    public DraftTrunk? Trunk { get; set; }

    /// <summary>The sequence has been forgotten; its blocks may be another's.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Drafts of this round.</summary>
    public int Drafted => Chain.Length - Told;

    /// <summary>Learns from what a query tells what came of the last round's drafts, up to the first that was not kept.</summary>
    /// <param name="known">Leading tokens known to agree.</param>
    /// <param name="tokens">Tokens that follow them.</param>
    /// <param name="table">What learns.</param>
    public void Learn(int known, ReadOnlySpan<int> tokens, ConfidenceTable table)
    {
        for (int i = 0; i < _confidences.Count && Told + i < known + tokens.Length; i++)
        {
            bool kept = Told + i < known || Chain.Tokens[Told + i] == tokens[Told + i - known];
            table.Observe(_confidences[i], kept);
            if (!kept)
            {
                return;
            }
        }
    }

    /// <summary>Takes in what a query tells: cuts the chain to what agrees with it and appends the rest.</summary>
    /// <param name="known">Leading tokens known to agree.</param>
    /// <param name="tokens">Tokens that follow them.</param>
    public void Tell(int known, ReadOnlySpan<int> tokens)
    {
        int common = Chain.Tokens[known..].CommonPrefixLength(tokens);
        Chain.Truncate(known + common);
        Chain.Append(tokens[common..]);
        Told = Chain.Length;
        // The last token runs again even when it is stored: its output is needed.
        Stored = Math.Min(Stored, Math.Min(known + common, Told - 1));
        Debug.Assert(Stored < Told, "I4: what the draft model stores ends before the last token it is told, which runs next");
        _confidences.Clear();
        _laws.Clear();
        Wanted = 0;
        Reach = 1;
        Stop = DraftStop.Limit;
    }

    /// <summary>Adds a draft token.</summary>
    /// <param name="token">Token id.</param>
    /// <param name="confidence">Its probability.</param>
    /// <param name="law">What it was drawn from, where the acceptance rule asks for it.</param>
    public void Draft(int token, float confidence, DraftLaw? law)
    {
        Chain.Append(token);
        _confidences.Add(confidence);
        if (law is not null)
        {
            _laws.Add(law);
        }
    }

    /// <summary>The round's answer.</summary>
    public DraftProposal Proposal() => GrowsTree ? Tree!.Proposal(Sequence) : new DraftProposal
    {
        Sequence = Sequence,
        Tokens = [.. Chain.Tokens[Told..]],
        Confidences = [.. _confidences],
        Laws = [.. _laws],
        Stop = Stop,
    };
}
