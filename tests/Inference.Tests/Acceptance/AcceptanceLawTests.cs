using Winnow.Inference.Acceptance;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Acceptance;

/// <summary>
/// What the engine generates under each lossless rule has exactly the target's distribution: every choice of drafts and verification is enumerated, through
/// the code that serves requests.
/// </summary>
public sealed class AcceptanceLawTests
{
    private const double Tolerance = 1e-12;

    private static readonly SamplingParameters[] Samplings =
    [
        new() { Temperature = 1 },
        new() { Temperature = 0.6f, TopK = 3 },
        new() { Temperature = 1.4f, MinP = 0.25f },
        new() { Temperature = 0.8f, RepetitionPenalty = 1.6f, FrequencyPenalty = 0.7f },
        new() { Temperature = 0.9f, TopK = 1 },
    ];

    public static TheoryData<string, int> Cases
    {
        get
        {
            TheoryData<string, int> cases = [];
            foreach (string law in DraftLaws.Names)
            {
                for (int i = 0; i < Samplings.Length; i++)
                {
                    cases.Add(law, i);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rejection_Chains_GiveTheTargetsLaw(string law, int sampling)
    {
        AssertLaw(AcceptanceRule.Rejection, law, sampling, count: 3, rounds: 1, (tree, prefix) => tree.AddChains(prefix, tree.Root, 1, 2));
        AssertLaw(AcceptanceRule.Rejection, law, sampling, count: 2, rounds: 2, (tree, prefix) => tree.AddChains(prefix, tree.Root, 1, 1));
        AssertLaw(AcceptanceRule.Rejection, law, sampling, count: 2, rounds: 1, (tree, prefix) => tree.AddChildren(prefix, tree.Root, [2, 1]));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rsd_Trees_GiveTheTargetsLaw(string law, int sampling)
    {
        AssertLaw(AcceptanceRule.Rsd, law, sampling, count: 3, rounds: 1, (tree, prefix) => tree.AddChildren(prefix, tree.Root, [2, 1]));
        AssertLaw(AcceptanceRule.Rsd, law, sampling, count: 2, rounds: 1, (tree, prefix) => tree.AddChildren(prefix, tree.Root, [1, 3]));
        AssertLaw(AcceptanceRule.Rsd, law, sampling, count: 2, rounds: 2, (tree, prefix) => tree.AddChildren(prefix, tree.Root, [2]));
    }

    /// <summary>RSD-S, its truncation included: nodes with several children, one, or none.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Rsd_StochasticBeams_GiveTheTargetsLaw(string law, int sampling)
    {
        AssertLaw(AcceptanceRule.Rsd, law, sampling, count: 3, rounds: 1, (tree, prefix) => tree.AddBeam(prefix, 2, 2));
        AssertLaw(AcceptanceRule.Rsd, law, sampling, count: 1, rounds: 1, (tree, prefix) => tree.AddBeam(prefix, 3, 1));
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(2, 3)]
    public void Rsd_WiderAndDeeperBeams_GiveTheTargetsLaw(int width, int depth)
    {
        AssertLaw(AcceptanceRule.Rsd, "random", 1, count: depth, rounds: 1, (tree, prefix) => tree.AddBeam(prefix, width, depth));
        // Whoever has less room leaves the end out.
        AssertLaw(AcceptanceRule.Rsd, "random", 0, count: 2, rounds: 1, (tree, prefix) => { tree.AddBeam(prefix, 2, 2); tree.Cut(width); });
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Spectr_IndependentChains_GiveTheTargetsLaw(string law, int sampling)
    {
        AssertLaw(AcceptanceRule.Spectr, law, sampling, count: 2, rounds: 1, Chains(2, 2));
        AssertLaw(AcceptanceRule.Spectr, law, sampling, count: 1, rounds: 1, Chains(4, 1));
        AssertLaw(AcceptanceRule.Spectr, law, sampling, count: 2, rounds: 2, Chains(2, 1));
    }

    [Theory]
    [InlineData(AcceptanceRule.Rejection)]
    [InlineData(AcceptanceRule.Spectr)]
    [InlineData(AcceptanceRule.Rsd)]
    public void EveryRule_DraftsOfUnknownLaw_GivesTheTargetsLaw(AcceptanceRule rule)
    {
        for (int sampling = 0; sampling < Samplings.Length; sampling++)
        {
            SamplingParameters parameters = Samplings[sampling] with { Rule = rule };
            Dictionary<string, double> actual = ExactLaw.OfEngine(parameters, 3, 2, (tree, prefix) =>
            {
                int first = tree.Add(prefix[^1], tree.Root, null);
                tree.Add((prefix[^1] + 1) % ExactLaw.Vocabulary, tree.Root, null);
                tree.Add(2, first, null);
            }, _ => null);

            Assert.InRange(ExactLaw.Distance(ExactLaw.OfAutoregression(parameters, 3), actual), 0, Tolerance);
        }
    }

    [Fact]
    public void Rejection_StopAfterAnUnlikelyDraft_GivesTheTargetsLaw() =>
        AssertLaw(AcceptanceRule.Rejection, "random", 0, count: 3, rounds: 2, (tree, prefix) =>
        {
            // SpecDec++ includes the token that made it stop: what is verified then does not depend on it.
            tree.AddChains(prefix, tree.Root, 1, 1);
            DraftLaw law = tree.Laws[0]!;
            if (law.Probabilities[Array.IndexOf(law.Ids, tree.Tokens[0])] > 0.3)
            {
                tree.AddChildren([.. prefix, tree.Tokens[0]], tree.Root + 1, [1]);
            }
        });

    /// <summary>Draws that there was no room to verify further still count.</summary>
    [Fact]
    public void EveryRule_SomeDrawsWithoutRows_GivesTheTargetsLaw()
    {
        AssertLaw(AcceptanceRule.Rsd, "random", 0, count: 2, rounds: 1, (tree, prefix) => { tree.AddChildren(prefix, tree.Root, [3, 1]); tree.Cut(2); });
        AssertLaw(AcceptanceRule.Spectr, "random", 0, count: 2, rounds: 1, (tree, prefix) => { tree.AddChains(prefix, tree.Root, 3, 1); tree.Cut(1); });
    }

    /// <summary>The test would notice: drafts that are not drawn from what the verifier is told bend the law.</summary>
    [Theory]
    [InlineData(AcceptanceRule.Rejection)]
    [InlineData(AcceptanceRule.Spectr)]
    [InlineData(AcceptanceRule.Rsd)]
    public void EveryRule_DraftsFromAnotherLaw_BendsTheLaw(AcceptanceRule rule)
    {
        SamplingParameters parameters = Samplings[0] with { Rule = rule };
        DraftLaw told = new([0, 1, 2, 3], [0.25f, 0.25f, 0.25f, 0.25f], [1]);

        Dictionary<string, double> actual = ExactLaw.OfEngine(parameters, 1, 1, (tree, prefix) => tree.Add(1, tree.Root, told), _ => null);

        Assert.True(ExactLaw.Distance(ExactLaw.OfAutoregression(parameters, 1), actual) > 1e-3);
    }

    private static Action<DrawnTree, int[]> Chains(int count, int length) => (tree, prefix) => tree.AddChains(prefix, tree.Root, count, length);

    private static void AssertLaw(AcceptanceRule rule, string law, int sampling, int count, int rounds, Action<DrawnTree, int[]> draft)
    {
        SamplingParameters parameters = Samplings[sampling] with { Rule = rule };

        Dictionary<string, double> actual = ExactLaw.OfEngine(parameters, count, rounds, draft, DraftLaws.Named(law, parameters));

        Assert.InRange(actual.Values.Sum(), 1 - Tolerance, 1 + Tolerance);
        Assert.InRange(ExactLaw.Distance(ExactLaw.OfAutoregression(parameters, count), actual), 0, Tolerance);
    }
}
