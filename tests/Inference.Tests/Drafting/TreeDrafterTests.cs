using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;
using Winnow.Inference.Tests.Execution;
using Winnow.Tests.Common;
using static Winnow.Inference.Tests.Drafting.DraftEngineCases;

namespace Winnow.Inference.Tests.Drafting;

/// <summary>Trees of the draft model. The fake shard throws as soon as a node would read other keys than its own ancestors'.</summary>
public sealed class TreeDrafterTests
{
    private static readonly SamplingParameters[] Samplings =
    [
        SamplingParameters.Greedy,
        new() { Seed = 5, Temperature = 0.8f },
        new() { Seed = 6, Temperature = 0.9f, TopP = 0.95f, FrequencyPenalty = 0.5f, RepetitionPenalty = 1.2f },
        new() { Seed = 7, TopK = 5, PresencePenalty = 0.4f, Choice = 1 },
    ];

    public static TheoryData<int, int, int, int> Shapes
    {
        get
        {
            TheoryData<int, int, int, int> shapes = [];
            foreach ((int nodes, int width, int depth) in new[] { (4, 2, 2), (12, 3, 5), (30, 4, 8), (64, 8, 8), (5, 5, 1), (64, 16, 3) })
            {
                for (int sampling = 0; sampling < Samplings.Length; sampling++)
                {
                    shapes.Add(nodes, width, depth, sampling);
                }
            }
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Propose_AnyShape_IsTheBestOfTheTreeGrownByHand(int nodes, int width, int depth, int sampling)
    {
        using DraftEngine sut = new(new FakeShard(FakeShard.Shape(blocks: 128)));
        List<HandNode> expected = ByHand(new DraftRoom(nodes, depth, width, 50), Samplings[sampling]);

        DraftProposal proposal = Ask(sut, Query(1, [], Prompt, (nodes, width, depth), Samplings[sampling]));

        Assert.Equal(expected.Select(node => string.Join(' ', node.Path)), Paths(proposal));
        Assert.Equal(expected.Select(node => (float)node.Chance), proposal.Confidences);
    }

    [Fact]
    public void Propose_DraftIsTheTarget_FirstChildrenAreWhatTheTargetDraws()
    {
        foreach (SamplingParameters sampling in Samplings)
        {
            using DraftEngine sut = new(new FakeShard(FakeShard.Shape(blocks: 128)));
            DraftTree tree = Tree(Ask(sut, Query(1, [], Prompt, (64, 4, 6), sampling)));
            int[] drawn = Pipeline.Autoregress(Prompt, sampling, 6);

            int right = tree.Follow(drawn, out int last);

            Assert.Equal(right, Math.Min(right, tree.ChainLength));
            Assert.True(right > 0 && !tree.HasChild(last), $"{right} of {tree.ChainLength} tokens of the main chain are the target's");
        }
    }

    [Fact]
    public void Propose_ManySequencesAndChains_AreThoseOfEachAlone()
    {
        DraftQuery[] queries = [.. Enumerable.Range(0, 9).Select(i =>
            Query(i, [], [.. Prompt[1..], i], (6 + (5 * i), i % 3 == 0 ? 0 : 1 + i, 1 + (i % 5)), Samplings[i % Samplings.Length] with { Seed = (ulong)i }))];
        using DraftEngine sut = new(new FakeShard(FakeShard.Shape(blocks: 400)), new DraftEngineOptions { MaxPassRows = 13 });

        IReadOnlyList<DraftProposal> together = sut.Propose(queries, [], CancellationToken.None);

        foreach (DraftQuery query in queries)
        {
            using DraftEngine alone = new(new FakeShard(FakeShard.Shape(blocks: 400)));
            Assert.Equal(Paths(Ask(alone, query)), Paths(together[(int)query.Sequence]));
        }
    }

    [Fact]
    public void Propose_AfterAPathWasKept_RunsOnlyWhatIsNew()
    {
        FakeShard shard = new(FakeShard.Shape(blocks: 128));
        using DraftEngine sut = new(shard);
        DraftProposal first = Ask(sut, Query(1, [], Prompt, (30, 3, 5), SamplingParameters.Greedy));
        DraftTree tree = Tree(first);
        int leaf = Enumerable.Range(0, tree.Count).MaxBy(node => tree.Depths[node] + (tree.ChainLength > node ? 0 : 0.5));
        int[] path = [.. Paths(first)[leaf].Split(' ').Select(int.Parse)];
        int before = shard.RowsRun;

        int[] known = [.. Prompt, .. path[..^1]];
        Ask(sut, Query(1, Prompt, [.. path[..^1], 3], (1, 0, 0)));

        Assert.True(path.Length > 2);
        Assert.Equal(1, shard.RowsRun - before);
        Assert.Equal(Pipeline.Autoregress([.. known, 3], SamplingParameters.Greedy, 2),
            Ask(sut, Query(1, [.. known, 3], [], (2, 0, 0))).Tokens);
    }

    [Fact]
    public void Propose_RoundAfterRound_BlocksComeBack()
    {
        using DraftEngine sut = new(new FakeShard(FakeShard.Shape(blocks: 128)));
        List<int> tokens = [.. Prompt];
        int known = 0;
        for (int round = 0; round < 12; round++)
        {
            int[] all = [.. tokens];
            DraftProposal proposal = Ask(sut, Query(1, all[..known], all[known..], (20, 1 + (round % 4), 4), Samplings[1]));
            known = tokens.Count;
            DraftTree tree = Tree(proposal);
            int[] drawn = Pipeline.Autoregress(Prompt, Samplings[1], tokens.Count - Prompt.Length + 6)[(tokens.Count - Prompt.Length)..];
            tokens.AddRange(drawn[..(tree.Follow(drawn[..5], out _) + 1)]);
        }
        sut.Propose([], [1], CancellationToken.None);
        Assert.Equal(128, sut.FreeBlocks);
    }

    [Fact]
    public void Propose_NoBlocksForATree_ProposesAChain()
    {
        using DraftEngine sut = new(new FakeShard(FakeShard.Shape(blocks: 4)));
        DraftProposal proposal = Ask(sut, Query(1, [], Prompt, (6, 4, 6), SamplingParameters.Greedy));
        Assert.Empty(proposal.Parents);
        Assert.Equal(Pipeline.Autoregress(Prompt, SamplingParameters.Greedy, 6), proposal.Tokens);
    }

    [Fact]
    public void Propose_CancelledInTheTree_KeepsNothingOfIt()
    {
        FakeShard shard = new(FakeShard.Shape(blocks: 128));
        using DraftEngine sut = new(shard);
        int passes = 0;
        shard.OnForward = () =>
        {
            if (++passes == 3)
            {
                throw new OperationCanceledException();
            }
        };
        Assert.Throws<OperationCanceledException>(() => Ask(sut, Query(1, [], Prompt, (20, 3, 5), SamplingParameters.Greedy)));
        int[] drawn = Pipeline.Autoregress(Prompt, SamplingParameters.Greedy, 5);
        Assert.Equal(drawn[3..], Ask(sut, Query(1, Prompt, drawn[..3], (2, 0, 0))).Tokens);
    }

    [Theory]
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue)]
    [InlineData(64, int.MinValue, 3)]
    [InlineData(64, 4, int.MinValue)]
    [InlineData(int.MinValue, 4, 4)]
    public void Propose_AbsurdShape_StaysWithinTheLimits(int nodes, int width, int depth)
    {
        using DraftEngine sut = new(new FakeShard(FakeShard.Shape(blocks: 256)));
        DraftProposal proposal = Ask(sut, Query(1, [], Prompt, (nodes, width, depth), Samplings[1]));
        Assert.True(proposal.Tokens.Length <= 64);
        Assert.Equal(proposal.Tokens.Length, Tree(proposal).Count);
    }

    private static List<HandNode> ByHand(DraftRoom room, SamplingParameters sampling)
    {
        List<HandNode> all = [];
        List<HandNode> level = Children(new HandNode([], 1, 0, null), room.Width, sampling);
        for (int depth = 1; level.Count > 0; depth++)
        {
            all.AddRange(level);
            if (depth == room.Depth)
            {
                break;
            }
            // In the order in which the nodes came; the sort is stable.
            level = [.. level.OrderByDescending(node => node.Score).Take(Math.Min(room.Width, room.Nodes)).SelectMany(node => Children(node, room.Width, sampling))];
        }
        return [.. all.OrderByDescending(node => node.Score).Take(room.Nodes)];
    }

    private static List<HandNode> Children(HandNode parent, int width, SamplingParameters sampling)
    {
        float[] logits = new float[50];
        FakeShard.Logits(PrefixHash.Of([.. Prompt, .. parent.Path]), 1, logits);
        TokenHistory history = new(Prompt.Length);
        history.SyncTo(Prompt);
        var ranked = new RankedToken[width];
        int count = new TokenSampler(50).Rank(logits, SamplingPlan.Create(sampling, 50), history, parent.Path, parent.Path.Length, ranked);
        double scale = sampling.Temperature > 0 ? sampling.Temperature : 1;
        double total = ranked[..count].Sum(child => Math.Exp((child.Score - ranked[0].Score) * scale));
        return [.. ranked[..count].Select(child =>
        {
            double chance = Math.Exp((child.Score - ranked[0].Score) * scale) / total;
            return new HandNode([.. parent.Path, child.Token], chance, parent.Score + Math.Log(chance), parent);
        })];
    }

    private static string[] Paths(DraftProposal proposal)
    {
        var paths = new string[proposal.Tokens.Length];
        for (int i = 0; i < paths.Length; i++)
        {
            int parent = proposal.Parents.Length == 0 ? i - 1 : proposal.Parents[i];
            paths[i] = parent < 0 ? $"{proposal.Tokens[i]}" : $"{paths[parent]} {proposal.Tokens[i]}";
        }
        return paths;
    }

    private static DraftTree Tree(DraftProposal proposal)
    {
        var tree = new DraftTree(64);
        tree.Begin(new DraftRoom(64, 64, 16, 50));
        tree.Take(proposal.Tokens, proposal.Parents, proposal.Confidences);
        return tree;
    }

    private static DraftQuery Query(long sequence, int[] known, int[] next, (int Nodes, int Width, int Depth) shape, SamplingParameters? sampling = null) => new()
    {
        Sequence = sequence,
        KnownLength = known.Length,
        PrefixHash = PrefixHash.Of(known),
        NewTokens = next,
        DraftTokens = shape.Nodes,
        TreeWidth = shape.Width,
        TreeDepth = shape.Depth,
        PromptTokens = Prompt.Length,
        Sampling = sampling,
    };

    private sealed record HandNode(int[] Path, double Chance, double Score, HandNode? Parent);
}
