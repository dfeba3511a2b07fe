using Winnow.Silo.Placement;

namespace Winnow.Silo.Tests.Placement;

/// <summary>One gateway at a time may coordinate, until its claim ends.</summary>
public sealed class CoordinatorClaimTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void IsOpenTo_WhileHeld_OnlyToItsHolder()
    {
        CoordinatorClaim sut = new();
        sut.Take("a", "http://a", Start.AddSeconds(10));

        Assert.True(sut.IsOpenTo("a", Start));
        Assert.False(sut.IsOpenTo("b", Start.AddSeconds(9)));
        Assert.True(sut.IsOpenTo("b", Start.AddSeconds(10)));
    }

    [Fact]
    public void Changes_RenewedByItsHolder_IsFalseEvenAfterItEnded()
    {
        CoordinatorClaim sut = new();
        sut.Take("a", "http://a", Start);

        Assert.False(sut.Changes("a"));
        Assert.True(sut.Changes("b"));
    }

    [Fact]
    public void Release_ByAnother_DoesNothing()
    {
        CoordinatorClaim sut = new();
        sut.Take("a", "http://a", Start.AddSeconds(10));

        sut.Release("b");
        bool stillHeld = !sut.IsOpenTo("b", Start);
        sut.Release("a");

        Assert.True(stillHeld);
        Assert.True(sut.IsOpenTo("b", Start));
    }
}
