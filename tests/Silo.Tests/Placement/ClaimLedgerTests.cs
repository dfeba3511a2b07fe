using Winnow.Contracts.Grains;
using Winnow.Silo.Placement;

namespace Winnow.Silo.Tests.Placement;

/// <summary>Who counts on which memory.</summary>
public sealed class ClaimLedgerTests
{
    private readonly ClaimLedger _sut = new();

    [Fact]
    public void TryReplace_MoreThanIsLeft_ChangesNothing()
    {
        Assert.True(_sut.TryReplace("m/0", [Of("m/0", "a", 60)], null, _ => 100));

        Assert.False(_sut.TryReplace("m/1", [Of("m/1", "a", 41)], null, _ => 100));
        Assert.True(_sut.TryReplace("m/1", [Of("m/1", "a", 40)], null, _ => 100));

        Assert.Equal(100, _sut.Of("a").Sum(claim => claim.Bytes));
    }

    [Fact]
    public void TryReplace_AnotherClaimedSinceItWasPlanned_IsRefused()
    {
        MemoryClaim[] seen = [Of("m/0", "b", 10)];
        Assert.True(_sut.TryReplace("m/0", seen, null, _ => 100));
        Assert.True(_sut.TryReplace("m/2", [Of("m/2", "a", 10)], seen, _ => 100));

        Assert.False(_sut.TryReplace("m/1", [Of("m/1", "a", 10)], seen, _ => 100));
        Assert.True(_sut.TryReplace("m/1", [Of("m/1", "b", 10)], seen, _ => 100));
    }

    [Fact]
    public void TryReplace_OthersGaveBackWhatWasSeen_IsGranted()
    {
        Assert.True(_sut.TryReplace("m/1", [Of("m/1", "a", 10)], [Of("m/0", "a", 10)], _ => 100));
    }

    private static MemoryClaim Of(string replica, string worker, long bytes) => new() { Replica = replica, WorkerId = worker, Bytes = bytes };
}
