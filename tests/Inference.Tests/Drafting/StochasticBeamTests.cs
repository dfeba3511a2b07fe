using Winnow.Inference.Acceptance;
using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;
using Winnow.Inference.Tests.Acceptance;

namespace Winnow.Inference.Tests.Drafting;

public sealed class StochasticBeamTests
{
    private const int Seeds = 40_000;
    private static readonly int[] Prefix = [1, 3, 0];
    private static readonly Func<int[], DraftLaw> Laws = DraftLaws.Named("random", new SamplingParameters());

    /// <summary>The last level's nodes, in their order, are whole sequences drawn without replacement.</summary>
    [Fact]
    public void Grow_ManySeeds_DrawsSequencesWithoutReplacement()
    {
        (string Sequence, double Probability)[] all = [.. new DrawnTree(new Branches(), Laws).Sequences(Prefix, 2)];
        Dictionary<string, double> law = all.SelectMany(first => all.Where(second => second != first).Select(second =>
            (Key: $"{first.Sequence} {second.Sequence}", Probability: first.Probability * second.Probability / (1 - first.Probability)))).ToDictionary(pair => pair.Key, pair => pair.Probability);
        Dictionary<string, int> counts = law.ToDictionary(pair => pair.Key, _ => 0);
        var sut = new TreeSearch();
        for (int seed = 0; seed < Seeds; seed++)
        {
            counts[string.Join(' ', Level(Draw(sut, (ulong)seed, width: 2), 1))]++;
        }
        ChiSquare.AssertFits([.. law.Values], [.. law.Keys.Select(key => counts[key])]);
    }

    /// <summary>What recursive rejection needs: a node's first child is a draw from its distribution, whatever else the beam kept.</summary>
    [Fact]
    public void Grow_FirstChildOfTheFirstNode_FollowsItsDistribution()
    {
        DraftLaw law = Laws([.. Prefix, 2]);
        int[] counts = new int[law.Ids.Length];
        var sut = new TreeSearch();
        for (int seed = 0; seed < Seeds; seed++)
        {
            DraftProposal drawn = Draw(sut, (ulong)seed, width: 3);
            int child = drawn.Tokens[0] == 2 ? Array.IndexOf(drawn.Parents, 0) : -1;
            if (child >= 0)
            {
                counts[Array.IndexOf(law.Ids, drawn.Tokens[child])]++;
            }
        }
        ChiSquare.AssertFits([.. law.Probabilities.Select(probability => (double)probability)], counts);
    }

    private static DraftProposal Draw(TreeSearch tree, ulong seed, int width)
    {
        tree.Begin(new DraftRoom(2 * width, 2, width, ExactLaw.Vocabulary), 0);
        Perturb(tree, DraftTree.Root, Prefix, seed, 0);
        Assert.True(tree.NextLevel());
        for (int i = 0; i < tree.Frontier.Count; i++)
        {
            Perturb(tree, tree.Frontier[i], [.. Prefix, tree[tree.Frontier[i]].Token], seed, 1 + i);
        }
        Assert.False(tree.NextLevel());
        return tree.Proposal(1);
    }

    private static void Perturb(TreeSearch tree, int parent, int[] prefix, ulong seed, int stream) =>
        tree.Perturb(parent, Laws(prefix).Ids, Laws(prefix).Probabilities, new GumbelNoise(seed, 0, 0, NoiseStreams.Draft(stream, 0)));

    private static IEnumerable<string> Level(DraftProposal drawn, int depth) => Enumerable.Range(0, drawn.Tokens.Length)
        .Where(node => (drawn.Parents[node] < 0 ? 0 : 1) == depth)
        .Select(node => $"{drawn.Tokens[drawn.Parents[node]]}{drawn.Tokens[node]}");
}
