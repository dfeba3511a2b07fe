using Winnow.Gateway.Coordination;

namespace Winnow.Gateway.Tests.Coordination;

public sealed class PrefixCacheTests
{
    private readonly KvBlockAllocator _blocks = new(8);
    private readonly PrefixCache _sut;

    public PrefixCacheTests() => _sut = new PrefixCache(_blocks, 2);

    [Fact]
    public void Match_PublishedChain_FindsItsBlocksInOrder()
    {
        List<int> held = PublishChain(1, 2, 3, 4, 5, 6);
        List<int> found = [];
        Assert.NotNull(_sut.Match([1, 2, 3, 4, 9, 9], found));
        Assert.Equal(held[..2], found);
    }

    [Fact]
    public void Match_WholeSequenceCached_LeavesTheLastTokenUncovered()
    {
        PublishChain(1, 2, 3, 4);
        List<int> found = [];
        _sut.Match([1, 2, 3, 4], found);
        Assert.Single(found);
    }

    [Fact]
    public void Match_SameBlockAfterAnotherPrefix_IsNotFound()
    {
        PublishChain(1, 2, 3, 4);
        List<int> found = [];
        Assert.Null(_sut.Match([7, 7, 3, 4, 5], found));
        Assert.Empty(found);
    }

    [Fact]
    public void Match_AfterEviction_FindsWhatIsLeftOfTheChain()
    {
        List<int> held = PublishChain(1, 2, 3, 4, 5, 6);
        for (int i = held.Count - 1; i >= 0; i--)
        {
            _blocks.Release(held[i]);
        }
        _blocks.TryAllocate(6, []);
        List<int> found = [];
        _sut.Match([1, 2, 3, 4, 5, 6, 7], found);
        Assert.Equal(held[..2], found);
        Assert.Equal(2, _sut.Count);
    }

    [Fact]
    public void Publish_SamePrefixTwice_KeepsTheFirst()
    {
        PublishChain(1, 2);
        List<int> other = [];
        _blocks.TryAllocate(1, other);
        Assert.Null(_sut.Publish(null, [1, 2], other[0]));
    }

    [Fact]
    public void Forget_HeldBlock_IsNotFoundAndFreeAfterItsRelease()
    {
        List<int> held = PublishChain(1, 2);
        _sut.Forget(held[0]);
        List<int> found = [];
        Assert.Null(_sut.Match([1, 2, 3], found));
        _blocks.Release(held[0]);
        Assert.Equal(8, _blocks.FreeCount);
    }

    [Fact]
    public void Publish_BehindAForgottenBlock_TakesThePlaceOfItsOrphans()
    {
        List<int> before = PublishChain(1, 2, 3, 4);
        _sut.Forget(before[0]);

        List<int> again = PublishChain(1, 2, 3, 4);

        List<int> found = [];
        Assert.NotNull(_sut.Match([1, 2, 3, 4, 5], found));
        Assert.Equal(again, found);
        before.ForEach(_blocks.Release);
        again.ForEach(_blocks.Release);
        Assert.Equal((6, 2), (_blocks.FreeCount, _blocks.IdleCount));
    }

    private List<int> PublishChain(params int[] tokens)
    {
        List<int> blocks = [];
        _blocks.TryAllocate(tokens.Length / 2, blocks);
        PrefixEntry? last = null;
        for (int i = 0; i < blocks.Count; i++)
        {
            last = _sut.Publish(last, tokens.AsSpan(2 * i, 2), blocks[i]);
            Assert.NotNull(last);
        }
        return blocks;
    }
}
