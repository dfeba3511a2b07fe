using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Drafting;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

/// <summary>When trees are drafted, and how large.</summary>
public sealed class TreePolicyTests
{
    private const int Vocabulary = 50;
    private static readonly CoordinatorOptions Options = new() { MaxDraftTokens = 8, InitialDraftTokens = 4 };
    private readonly CostTable _target = new();
    private readonly DraftSource _source;
    private readonly DraftLengthPolicy _sut;

    public TreePolicyTests()
    {
        _sut = new DraftLengthPolicy(Options, 0, _target, new ProbeBudget(), isAsked: true, [0.6, 0.6, 0.6, 0.6]);
        _source = new DraftSource(0, "draft_model", null, _sut, new DrafterInstruments("test", "draft_model"));
    }

    [Fact]
    public void Choose_RowsCostNothing_EndsAtATree()
    {
        RunningSequence sequence = Run(rowMs: 0.001, DraftShape.Auto);
        Assert.True(_sut.Plan.IsTree);
        Assert.Equal((_sut.Plan.Nodes, 8), (sequence.WantedDrafts, sequence.WantedDepth));
        Assert.True(sequence.WantedWidth > 1);
    }

    [Fact]
    public void Choose_RowsAreDear_StaysWithChains()
    {
        RunningSequence sequence = Run(rowMs: 4, DraftShape.Auto);
        Assert.False(_sut.Plan.IsTree);
        Assert.Equal(1, sequence.WantedWidth);
    }

    [Fact]
    public void Choose_RowsCostMoreThanTheyBring_FallsToZeroForTreesToo()
    {
        RunningSequence sequence = Run(rowMs: 40, DraftShape.Tree);
        Assert.Equal((0, 0), (_sut.Longest, sequence.WantedDrafts));
    }

    [Fact]
    public void Choose_TreesBringNoMoreThanChains_ReturnsToChains()
    {
        RunningSequence sequence = Run(rowMs: 0.1, DraftShape.Auto);
        Assert.True(_sut.Plan.IsTree);
        DraftTree tree = Tree((1, -1), (2, 0), (3, -1), (4, 1), (5, 0), (6, 2));
        for (int i = 0; i < 200; i++)
        {
            // The root's first child is right as often as before, and nothing else ever is.
            _sut.ObserveOutcome(sequence.DraftsOf[0], tree, i % 2 == 0 ? [1, 9] : [8]);
            sequence.DraftsOf[0].Acceptance[0] = 0.5;
            _sut.Choose([sequence], [8]);
        }
        Assert.False(_sut.Plan.IsTree);
    }

    [Fact]
    public void Choose_ShapeChain_NeverGetsATree() => Assert.Equal(1, Run(rowMs: 0.001, DraftShape.Chain, treeRoom: 0).WantedWidth);

    [Fact]
    public void Choose_FixedTree_HasSoManyNodesWithinTheRoom()
    {
        RunningSequence sequence = Sequence(DraftShape.Tree, 64, fixedNodes: 40);
        _sut.Choose([sequence], [5]);
        Assert.Equal((40, 5, 7), (sequence.WantedDrafts, sequence.WantedDepth, sequence.WantedWidth));
        RunningSequence small = Sequence(DraftShape.Tree, 9, fixedNodes: 40);
        _sut.Choose([small], [5]);
        Assert.Equal(9, small.WantedDrafts);
    }

    [Fact]
    public void Gains_ATree_ShowsWhatEachSmallerOneWouldHaveBrought()
    {
        DraftPlan[] plans = DraftPlan.All(8, 16);
        var sut = new TreeGains(plans);
        DraftTree tree = Tree((1, -1), (2, -1), (3, 1), (4, 0), (5, 2), (6, 2), (7, 5), (8, 6));
        for (int i = 0; i < 200; i++)
        {
            sut.Observe(tree, [2, 3, 6, 7, 9], 0.5);
        }
        // Nodes 1, 2, 5, 6: two of them are among the first four, all among the first eight, and what sixteen bring has not been seen.
        Assert.Equal(2, sut.Expected(9, 0.5), 0.01);
        Assert.Equal(4, sut.Expected(10, 0.5), 0.01);
        Assert.Equal(4, plans[9].Nodes);
        Assert.True(sut.Expected(9, 0.8) > sut.Expected(9, 0.5));
    }

    [Fact]
    public void Gains_NodesBelowTheirWorth_AreCut()
    {
        var sut = new TreeGains(DraftPlan.All(8, 16));
        var tree = new DraftTree(64);
        tree.Begin(new DraftRoom(64, 8, 8, Vocabulary));
        tree.Take([1, 2, 3, 4], [-1, 0, -1, 2], [0.8f, 0.5f, 0.2f, 0.3f]);
        Assert.Equal(3, sut.Worthwhile(tree, 0.15, 0.5, out double expected));
        Assert.Equal(0.8 + 0.4 + 0.2, expected, 1e-6);
        // Second children turn out to be worthless, whatever the drafter says of them.
        for (int i = 0; i < 300; i++)
        {
            sut.Observe(tree, i % 5 == 0 ? [9] : [1, 9], 0.8);
        }
        Assert.Equal(1, sut.Worthwhile(tree, 0.15, 0.5, out _));
    }

    private RunningSequence Run(double rowMs, DraftShape shape, int treeRoom = 64)
    {
        RunningSequence sequence = Sequence(shape, treeRoom);
        for (int rows = 1; rows <= 65; rows++)
        {
            _target.Observe(rows, (10 + (rowMs * rows)) / 1000);
            _sut.ObserveDraft(1, rows, TimeSpan.FromMilliseconds(0.02 * rows));
        }
        for (int i = 0; i < 40; i++)
        {
            sequence.DraftsOf[0].Acceptance[0] = 0.5;
            _sut.Choose([sequence], [8]);
        }
        return sequence;
    }

    private RunningSequence Sequence(DraftShape shape, int treeRoom, int? fixedNodes = null)
    {
        GenerationRequest request = Requests.Of(4, 100, draft: fixedNodes);
        return new RunningSequence(1, request with { Speculation = request.Speculation with { Shape = shape } }, 8)
        {
            Drafter = _source,
            DraftsOf = [new SequenceDrafts()],
            TreeRoom = treeRoom,
        };
    }

    private static DraftTree Tree(params (int Token, int Parent)[] nodes)
    {
        var tree = new DraftTree(64);
        tree.Begin(new DraftRoom(64, 8, 8, Vocabulary));
        Assert.All(nodes, node => Assert.True(tree.TryAdd(node.Token, node.Parent, 0.5f)));
        return tree;
    }
}
