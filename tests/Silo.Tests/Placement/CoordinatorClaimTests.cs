using Winnow.Silo.Placement;

namespace Winnow.Silo.Tests.Placement;

/// <summary>One gateway at a time may coordinate, until its claim ends.</summary>
public sealed class CoordinatorClaimTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Claimant A = new("a", "http://a", "boot/net/127.0.0.1:80");
    private static readonly Claimant B = new("b", "http://b", "boot/net/127.0.0.1:81");

    [Fact]
    public void IsOpenTo_WhileHeld_OnlyToItsHolder()
    {
        CoordinatorClaim sut = new();
        sut.Take(A, Start.AddSeconds(10));

        Assert.True(sut.IsOpenTo(A, Start));
        Assert.False(sut.IsOpenTo(B, Start.AddSeconds(9)));
        Assert.True(sut.IsOpenTo(B, Start.AddSeconds(10)));
    }

    [Fact]
    public void Changes_RenewedByItsHolder_IsFalseEvenAfterItEnded()
    {
        CoordinatorClaim sut = new();
        sut.Take(A, Start);

        Assert.False(sut.Changes("a"));
        Assert.True(sut.Changes("b"));
    }

    [Fact]
    public void Release_ByAnother_DoesNothing()
    {
        CoordinatorClaim sut = new();
        sut.Take(A, Start.AddSeconds(10));

        sut.Release("b");
        bool stillHeld = !sut.IsOpenTo(B, Start);
        sut.Release("a");

        Assert.True(stillHeld);
        Assert.True(sut.IsOpenTo(B, Start));
    }

    [Fact]
    public void IsOpenTo_AnotherProcessOnTheHoldersSocket_IsTrue()
    {
        CoordinatorClaim sut = new();
        sut.Take(A, Start.AddSeconds(10));

        Assert.True(sut.IsOpenTo(new Claimant("b", "", A.Socket), Start));
        Assert.True(sut.Changes("b"));
    }

    [Fact]
    public void IsTakeover_TakenFromAGatewayThatHadNotGivenItBack_IsTrueUntilItChangesHands()
    {
        CoordinatorClaim sut = new();
        sut.Take(A, Start);
        bool first = sut.IsTakeover;
        sut.Take(B, Start.AddSeconds(10));
        sut.Take(B, Start.AddSeconds(20));
        bool takenOver = sut.IsTakeover;
        sut.Release("b");
        sut.Take(A, Start.AddSeconds(30));

        Assert.Equal((false, true, false), (first, takenOver, sut.IsTakeover));
    }

    [Fact]
    public void HandOver_AskedByWhoHasJustGivenItOn_DoesNotGoBackToIt()
    {
        CoordinatorClaim sut = new();
        sut.Take(A, Start.AddSeconds(10));
        sut.Refuse(B, Start);
        bool given = sut.HandOver("a", Start, Start.AddSeconds(10));

        // Its renewal was under way.
        sut.Refuse(A, Start.AddSeconds(1));
        bool back = sut.HandOver("b", Start.AddSeconds(2), Start.AddSeconds(12));
        sut.Refuse(A, Start.AddSeconds(7));
        bool later = sut.HandOver("b", Start.AddSeconds(8), Start.AddSeconds(18));

        Assert.Equal((true, false, true), (given, back, later));
    }

    [Fact]
    public void HandOver_WhoWaitedGotItItself_WaitsForItNoMore()
    {
        CoordinatorClaim sut = new();
        sut.Take(A, Start);
        sut.Refuse(B, Start);
        sut.Take(B, Start.AddSeconds(10));
        sut.Take(A, Start.AddSeconds(10));

        Assert.False(sut.HandOver("a", Start.AddSeconds(1), Start.AddSeconds(11)));
    }

    [Fact]
    public void IsOpenTo_NeitherHasASocket_OnlyToItsHolder()
    {
        CoordinatorClaim sut = new();
        sut.Take(new Claimant("a", ""), Start.AddSeconds(10));

        Assert.False(sut.IsOpenTo(new Claimant("b", ""), Start));
    }
}
