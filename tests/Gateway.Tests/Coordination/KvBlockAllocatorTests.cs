using FsCheck;
using FsCheck.Fluent;
using Winnow.Gateway.Coordination;

namespace Winnow.Gateway.Tests.Coordination;

public sealed class KvBlockAllocatorTests
{
    [Fact]
    public void TryAllocate_TooMany_TakesNone()
    {
        var sut = new KvBlockAllocator(4);
        List<int> blocks = [];
        Assert.False(sut.TryAllocate(5, blocks));
        Assert.Empty(blocks);
        Assert.True(sut.TryAllocate(4, blocks));
        Assert.Equal([0, 1, 2, 3], blocks.Order());
    }

    [Fact]
    public void TryAllocate_OnlyIdleLeft_EvictsTheLeastRecentlyReleased()
    {
        var sut = new KvBlockAllocator(3);
        List<int> blocks = [];
        List<int> evicted = [];
        sut.Evicted = evicted.Add;
        sut.TryAllocate(3, blocks);
        foreach (int block in new[] { 1, 2, 0 })
        {
            sut.MarkCached(block);
            sut.Release(block);
        }
        sut.AddReference(1);
        sut.Release(1);
        sut.TryAllocate(2, blocks);
        Assert.Equal([2, 0], evicted);
    }

    [Fact]
    public void Release_HeldByNobody_Throws() =>
        Assert.Throws<InvalidOperationException>(() => new KvBlockAllocator(2).Release(0));

    [Fact]
    public void AddReference_FreeBlock_Throws() =>
        Assert.Throws<InvalidOperationException>(() => new KvBlockAllocator(2).AddReference(0));

    [Fact]
    public void AnyOperations_AgainstAModel_NoBlockIsLostOrOwnedTwice()
    {
        Gen<(int Kind, int Amount)> operation = Gen.Choose(0, 4).SelectMany(kind => Gen.Choose(0, 11).Select(amount => (kind, amount)));
        Arbitrary<(int Kind, int Amount)[]> operations = Gen.ArrayOf(operation).ToArbitrary();
        Prop.ForAll(operations, Run).QuickCheckThrowOnFailure();
    }

    private static void Run((int Kind, int Amount)[] operations)
    {
        const int Count = 12;
        var sut = new KvBlockAllocator(Count);
        var held = new Dictionary<int, int>();
        var cached = new HashSet<int>();
        sut.Evicted = block =>
        {
            Assert.DoesNotContain(block, held.Keys);
            Assert.True(cached.Remove(block));
        };
        foreach ((int kind, int amount) in operations)
        {
            Apply(sut, held, cached, kind, amount);
            Assert.Equal(Count, held.Count + sut.Available);
            Assert.Equal(cached.Count(block => !held.ContainsKey(block)), sut.IdleCount);
            Assert.All(Enumerable.Range(0, Count), block => Assert.Equal(held.GetValueOrDefault(block), sut.References(block)));
        }
    }

    private static void Apply(KvBlockAllocator sut, Dictionary<int, int> held, HashSet<int> cached, int kind, int amount)
    {
        int[] owned = [.. held.Keys.Order()];
        int block = owned.Length == 0 ? -1 : owned[amount % owned.Length];
        switch (kind)
        {
            case 0:
                List<int> taken = [];
                Assert.Equal(amount <= sut.BlockCount - held.Count, sut.TryAllocate(amount, taken));
                taken.ForEach(id => held.Add(id, 1));
                break;
            case 1 when block >= 0:
                sut.Release(block);
                if (--held[block] == 0)
                {
                    held.Remove(block);
                }
                break;
            case 2 when block >= 0:
                sut.MarkCached(block);
                cached.Add(block);
                break;
            case 3 when held.ContainsKey(amount) || cached.Contains(amount):
                sut.AddReference(amount);
                held[amount] = held.GetValueOrDefault(amount) + 1;
                break;
            case 4:
                sut.UnmarkCached(amount);
                cached.Remove(amount);
                break;
        }
    }
}
