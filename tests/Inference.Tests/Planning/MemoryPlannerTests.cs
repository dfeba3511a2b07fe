using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Planning;

namespace Winnow.Inference.Tests.Planning;

/// <summary>What fits, for needs of every size.</summary>
public sealed class MemoryPlannerTests
{
    private static readonly MemoryNeeds Small = new()
    {
        WeightBytes = 1000,
        WorkingBytes = 100,
        SequenceBytes = 50,
        ScratchRowBytes = 2,
        Draft = new DraftMemoryNeeds(WeightBytes: 100, WorkingBytes: 10, SequenceBytes: 5),
    };

    // Sizes around the sums that decide, so that every limit is met.
    private static readonly Arbitrary<(MemoryNeeds Needs, long Memory, int? Batch)> Cases = (
        from weight in Gen.Choose(0, 2000)
        from working in Gen.Choose(0, 200)
        from sequence in Gen.Choose(1, 100)
        from row in Gen.Choose(1, 8)
        from draftWeight in Gen.Choose(0, 800)
        from draftSequence in Gen.Choose(1, 40)
        from hasDraft in Gen.Elements(true, true, false)
        from headWeight in Gen.Elements(0, 0, 300)
        from memory in Gen.Choose(0, 9000)
        from batch in Gen.Frequency((2, Gen.Constant<int?>(null)), (1, Gen.Choose(1, 60).Select(size => (int?)size)), (1, Gen.Choose(1, MemoryPlanner.StepRows).Select(size => (int?)size)))
        select (new MemoryNeeds
        {
            WeightBytes = weight,
            WorkingBytes = working,
            SequenceBytes = sequence,
            ScratchRowBytes = row,
            Head = headWeight > 0 ? new DraftMemoryNeeds(headWeight, 0, 3) : null,
            Draft = hasDraft ? new DraftMemoryNeeds(draftWeight, draftWeight / 8, draftSequence) : null,
        }, (long)memory, batch)).ToArbitrary();

    [Fact]
    public void Plan_AnyNeeds_NeverExceedsBudgetOrRows() => Check((needs, memory, batch) =>
    {
        if (Planned(needs, memory, batch) is not { } plan)
        {
            return needs.TotalBytes(batch ?? 1, hasDraft: false, 0) > memory;
        }
        return plan.UsedBytes <= memory
            && plan.UsedBytes == needs.TotalBytes(plan.Batch, plan.HasDraft, plan.ScratchRows)
            && plan.Batch * (1 + plan.DraftTokens + plan.TreeNodes) <= MemoryPlanner.StepRows
            && plan.Batch == (batch ?? plan.Batch);
    });

    [Fact]
    public void Plan_MoreMemory_NeverGivesLess() => Check((needs, memory, batch) =>
    {
        MemoryPlan? less = Planned(needs, memory, batch);
        MemoryPlan? more = Planned(needs, memory + 37, batch);
        return less is null || (more is not null && Worth(more) >= Worth(less) && (batch is null || Rank(more).CompareTo(Rank(less)) >= 0));
    });

    [Fact]
    public void Plan_AnyNeeds_IsTheBestOfAllThatFit() => Check((needs, memory, batch) =>
    {
        (int Batch, int Draft, int Nodes)[] fitting = [.. AllThatFit(needs, memory, batch)];
        MemoryPlan? plan = Planned(needs, memory, batch);
        if (fitting.Length == 0)
        {
            return plan is null;
        }
        double best = fitting.Max(choice => MemoryPlanner.TokensPerStep(choice.Batch, choice.Draft));
        return plan is not null
            && Math.Abs(best - Worth(plan)) < 1e-9
            && plan.TreeNodes == fitting.Where(choice => (choice.Batch, choice.Draft) == (plan.Batch, plan.DraftTokens)).Max(choice => choice.Nodes);
    });

    [Fact]
    public void Plan_EveryLimit_SaysWhatOneMoreWouldNeed() => Check((needs, memory, batch) =>
    {
        if (Planned(needs, memory, batch) is not { } plan)
        {
            return true;
        }
        bool oneMoreFits = needs.TotalBytes(plan.Batch + 1, plan.HasDraft, 0) <= memory;
        bool aNodeMoreFits = needs.TotalBytes(plan.Batch, plan.HasDraft, plan.Batch * (plan.TreeNodes + 1)) <= memory;
        return plan.Limits.Select(limit => limit.Of).SequenceEqual([PlanNumber.Batch, PlanNumber.DraftTokens, PlanNumber.TreeNodes])
            && (plan.Limits[0].By != PlanBound.Memory || !oneMoreFits)
            && (plan.Limits[2].By != PlanBound.Memory || !aNodeMoreFits);
    });

    [Fact]
    public void Plan_MoreThanEnoughMemory_IsBoundedByTheDefaultBatchAndTheRowsOfAStep()
    {
        MemoryPlan plan = MemoryPlanner.Plan(Small, long.MaxValue, batch: null);

        Assert.Equal((32, 15, 0), (plan.Batch, plan.DraftTokens, plan.TreeNodes));
        Assert.Equal([PlanBound.Maximum, PlanBound.StepRows, PlanBound.StepRows], plan.Limits.Select(limit => limit.By));
    }

    [Fact]
    public void Plan_AskedBatch_LeavesRoomForATree()
    {
        // 1110 for both models and their working memory, 4 x 55 for sequences, and 3 nodes of 2 bytes for each of the 4.
        MemoryPlan plan = MemoryPlanner.Plan(Small, 1000 + 100 + 110 + 220 + 31, batch: 4);

        Assert.Equal((4, 16, 3), (plan.Batch, plan.DraftTokens, plan.TreeNodes));
        Assert.Equal(new PlanLimit(PlanNumber.TreeNodes, PlanBound.Memory, "A node more for each of 4 sequences needs 8 bytes; 7 are left."), plan.Limits[2]);
    }

    [Fact]
    public void Plan_Head_DraftsChainsAndItsDraftModelIsLeftOutWhereItWouldTakeASequencesPlace()
    {
        MemoryNeeds needs = Small with { Head = new DraftMemoryNeeds(WeightBytes: 40, WorkingBytes: 0, SequenceBytes: 10) };

        // 1140 for the target and its head, 60 for a sequence.
        MemoryPlan alone = MemoryPlanner.Plan(needs, 1140 + (3 * 60) + 59, batch: null);
        MemoryPlan both = MemoryPlanner.Plan(needs, 1140 + 110 + (32 * 65), batch: null);

        Assert.Equal((3, 16, 0, false), (alone.Batch, alone.DraftTokens, alone.TreeNodes, alone.HasDraft));
        Assert.Equal("One sequence more needs 60 bytes (KV pages 50, head 10, draft cache 0); 59 are left beside 3 sequences.", alone.Limits[0].Reason);
        Assert.Equal([PlanBound.Memory, PlanBound.Request], alone.Limits.Skip(1).Select(limit => limit.By));
        Assert.Equal((32, true), (both.Batch, both.HasDraft));
        Assert.Contains("heads 40 and 10 each", Assert.Throws<MemoryPlanException>(() => MemoryPlanner.Plan(needs, 1199, batch: null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_NoRoomForTheDraft_GoesWithout()
    {
        MemoryPlan plan = MemoryPlanner.Plan(Small, 1000 + 100 + (4 * 50) + 100, batch: 4);

        Assert.Equal((4, 0, 0), (plan.Batch, plan.DraftTokens, plan.TreeNodes));
        Assert.Equal(PlanBound.Memory, plan.Limits[1].By);
        Assert.Contains("needs 130 bytes", plan.Limits[1].Reason, StringComparison.Ordinal);
        Assert.Contains("100 are left", plan.Limits[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_DraftThatTakesThePlaceOfManySequences_IsLeftOut()
    {
        MemoryNeeds heavy = Small with { Draft = new DraftMemoryNeeds(WeightBytes: 900, WorkingBytes: 0, SequenceBytes: 5) };

        // 20 sequences without it, 1 with it.
        Assert.Equal(0, MemoryPlanner.Plan(heavy, 1100 + 1000, batch: null).DraftTokens);
        // 40 fit without, of which 32 run; 20 with it.
        Assert.Equal((20, 16), (MemoryPlanner.Plan(heavy, 1100 + 2000, batch: null).Batch, MemoryPlanner.Plan(heavy, 1100 + 2000, batch: null).DraftTokens));
    }

    [Theory]
    [InlineData(1349, 5, "'5' sequences need '1350' bytes (weights 1000, working memory 100, KV pages 50 each); the budget has 1349; ask for at most 4 sequences")]
    [InlineData(1149, null, "'1' sequences need '1150' bytes (weights 1000, working memory 100, KV pages 50 each); the budget has 1149; use a shorter context")]
    public void Plan_WhatDoesNotFit_IsRefusedWithTheNumbers(long memory, int? batch, string text)
    {
        MemoryPlanException error = Assert.Throws<MemoryPlanException>(() => MemoryPlanner.Plan(Small, memory, batch));

        Assert.StartsWith(text, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(513)]
    public void Plan_BatchOutOfRange_IsRefused(int batch) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => MemoryPlanner.Plan(Small, long.MaxValue, batch));

    [Fact]
    public void Plan_NeedsBeyondAnyMemory_AreRefusedAndDoNotOverflow()
    {
        MemoryNeeds endless = Small with { SequenceBytes = long.MaxValue, WeightBytes = long.MaxValue };

        Assert.Throws<MemoryPlanException>(() => MemoryPlanner.Plan(endless, long.MaxValue, batch: 512));
    }

    private static void Check(Func<MemoryNeeds, long, int?, bool> property) =>
        Prop.ForAll(Cases, item => property(item.Needs, item.Memory, item.Batch)).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static MemoryPlan? Planned(MemoryNeeds needs, long memory, int? batch)
    {
        try
        {
            return MemoryPlanner.Plan(needs, memory, batch);
        }
        catch (MemoryPlanException)
        {
            return null;
        }
    }

    private static IEnumerable<(int Batch, int Draft, int Nodes)> AllThatFit(MemoryNeeds needs, long memory, int? batch)
    {
        for (int sequences = batch ?? 1; sequences <= (batch ?? MemoryPlanner.DefaultBatch); sequences++)
        {
            for (int draft = 0; draft <= (needs.Draft is null && needs.Head is null ? 0 : MemoryPlanner.MaxDraftTokens); draft++)
            {
                // A head drafts chains and is always there; a draft model may be left out.
                bool needsModel = draft > 0 && needs.Head is null;
                for (int nodes = 0; nodes <= (draft == 0 || needs.Draft is null ? 0 : MemoryPlanner.ScratchRowsPerSequence); nodes++)
                {
                    if (sequences * (1 + draft + nodes) <= MemoryPlanner.StepRows && needs.TotalBytes(sequences, needsModel || nodes > 0, sequences * nodes) <= memory)
                    {
                        yield return (sequences, draft, nodes);
                    }
                }
            }
        }
    }

    private static double Worth(MemoryPlan plan) => MemoryPlanner.TokensPerStep(plan.Batch, plan.DraftTokens);

    private static (int, int) Rank(MemoryPlan plan) => (plan.DraftTokens, plan.TreeNodes);
}
