using Winnow.Gateway.Coordination.Drafting;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

public sealed class BudgetTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void ProbeBudget_NothingEarned_AllowsOnlyWhatIsFree()
    {
        var sut = new ProbeBudget();
        Assert.False(sut.TrySpend(1e-9));
        Assert.True(sut.TrySpend(0));
    }

    [Fact]
    public void ProbeBudget_AfterAProbe_BeginsAtNothing()
    {
        var sut = new ProbeBudget();
        sut.Earn(TimeSpan.FromSeconds(10));
        Assert.True(sut.TrySpend(0.05));
        Assert.False(sut.TrySpend(0.001));
    }

    [Fact]
    public void AskBudget_DearDrafterThatBringsNothing_TakesAThousandthOfTheTime()
    {
        var sut = new AskBudget();
        Assert.Equal(100, Asked(sut, steps: 10_000, costMs: 1, accepted: 0), 10.0);
    }

    [Fact]
    public void AskBudget_DraftsAreAccepted_StaysOpen()
        => Assert.Equal(10_000, Asked(new AskBudget(), steps: 10_000, costMs: 0.5, accepted: 1));

    [Fact]
    public void AskBudget_ThreadStoodStill_CountsAsOneDearQuestion()
    {
        var sut = new AskBudget();
        sut.Pay(TimeSpan.FromHours(1));
        Assert.True(sut.IsOpen);
    }

    private static int Asked(AskBudget sut, int steps, double costMs, int accepted)
    {
        int asked = 0;
        for (int i = 0; i < steps; i++)
        {
            sut.Earn(Step);
            if (sut.IsOpen)
            {
                asked++;
                sut.Pay(TimeSpan.FromMilliseconds(costMs));
                sut.Gain(accepted);
            }
        }
        return asked;
    }
}
