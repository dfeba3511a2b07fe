using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Drafting;

public sealed class ForkRankingTests
{
    [Fact]
    public void Rank_AnyTrunk_IsTheSortedProductOfAcceptanceAndChance()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var odds = new OutcomeOdds();
            DraftTrunk trunk = Trunk(random, drafts: random.Next(0, 9));
            var outcomes = new ForkRanking.Outcome[random.Next(1, 40)];

            int count = ForkRanking.Rank(trunk, odds, new OutcomeOdds(), 0.01, outcomes);

            List<ForkRanking.Outcome> expected = BruteForce(trunk, odds, 0.01);
            Assert.Equal(Math.Min(expected.Count, outcomes.Length), count);
            Assert.Equal(expected.Select(outcome => outcome.Odds).Order().TakeLast(count).Reverse(), outcomes[..count].Select(outcome => outcome.Odds));
            Assert.All(outcomes[..count], outcome => Assert.Contains(outcome, expected));
            Assert.Equal(count, outcomes[..count].Select(outcome => (outcome.Accepted, outcome.Token)).Distinct().Count());
        }
    }

    [Fact]
    public void Rank_SureDraft_GivesTheDeepestPlaceItsWinnerFirst()
    {
        DraftTrunk trunk = Trunk(new Random(1), drafts: 3, lead: 20);
        var outcomes = new ForkRanking.Outcome[4];

        ForkRanking.Rank(trunk, new OutcomeOdds(), new OutcomeOdds(), 0.001, outcomes);

        Assert.Equal((3, trunk.At(3)[0].Token), (outcomes[0].Accepted, outcomes[0].Token));
    }

    [Fact]
    public void Rank_ExitExpectsAnotherToken_IsAnOutcomeOfItsOwn()
    {
        DraftTrunk trunk = Trunk(new Random(1), drafts: 2, lead: 20);
        trunk.Take(new DraftMirror(1, 3, 0, 2, [98, trunk.At(0)[0].Token, 97, 96], [9, 2, 8, 7.9f]), vocabularySize: 100);
        var outcomes = new ForkRanking.Outcome[40];

        int count = ForkRanking.Rank(trunk, new OutcomeOdds(), new OutcomeOdds(), 0.001, outcomes);

        ForkRanking.Outcome[] mirrored = [.. outcomes[..count].Where(outcome => outcome.IsMirrored)];
        Assert.Equal([(0, 98), (1, 97), (1, 96)], mirrored.Select(outcome => (outcome.Accepted, outcome.Token)).Order().OrderBy(pair => pair.Accepted).ThenByDescending(pair => pair.Token));
    }

    [Fact]
    public void Observe_CandidatesThatNeverCome_LoseTheirForks()
    {
        var odds = new OutcomeOdds();
        RankedToken[] ranked = [new(1, 3), new(2, 2.9), new(3, 0)];
        double before = odds.Of(ranked, 1);
        for (int i = 0; i < 100; i++)
        {
            odds.Observe(ranked, 1);
        }

        Assert.True(odds.Of(ranked, 1) < before / 5);
        Assert.True(odds.Of(ranked, 0) > 0.9);
    }

    private static List<ForkRanking.Outcome> BruteForce(DraftTrunk trunk, OutcomeOdds odds, double least)
    {
        List<ForkRanking.Outcome> all = [];
        for (int accepted = 0; accepted <= trunk.Drafts; accepted++)
        {
            double reached = 1;
            for (int i = 0; i < accepted; i++)
            {
                int rank = trunk.At(i).ToArray().ToList().FindIndex(ranked => ranked.Token == trunk.DraftAt(i));
                reached *= rank < 0 ? 0.05 : odds.Of(trunk.At(i), rank);
            }
            RankedToken[] candidates = trunk.At(accepted).ToArray();
            for (int rank = 0; rank < candidates.Length; rank++)
            {
                double chance = reached * odds.Of(candidates, rank);
                if (candidates[rank].Token != trunk.DraftAt(accepted) && chance >= least && reached >= least)
                {
                    all.Add(new ForkRanking.Outcome(accepted, candidates[rank].Token, chance));
                }
            }
        }
        return all;
    }

    private static DraftTrunk Trunk(Random random, int drafts, double lead = 0)
    {
        var state = new DraftState { Sequence = 1, Plan = SamplingPlan.Create(SamplingParameters.Greedy, 100) };
        state.Tell(0, [1, 2, 3]);
        var ranked = new RankedToken[drafts + 1][];
        for (int i = 0; i <= drafts; i++)
        {
            int first = random.Next(90);
            double score = 10;
            ranked[i] = [.. Enumerable.Range(0, DraftTrunk.Candidates).Select(rank => new RankedToken(first + rank, score -= (rank == 1 ? lead : 0) + (random.NextDouble() * 2)))];
            if (i < drafts)
            {
                // Now and then a draft that the model itself does not rank, as another drafter's may be.
                state.Chain.Append(lead == 0 && random.Next(5) == 0 ? 99 : ranked[i][0].Token);
            }
        }
        var trunk = new DraftTrunk(state, aheadTokens: 4);
        for (int i = 0; i <= drafts; i++)
        {
            ranked[i].CopyTo(trunk.RoomAt(i));
            trunk.SetCount(i, DraftTrunk.Candidates);
        }
        return trunk;
    }
}
