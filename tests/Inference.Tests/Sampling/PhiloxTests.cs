using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Sampling;

public sealed class PhiloxTests
{
    // Known answers published with the Random123 library (file kat_vectors, philox4x32 10).
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0ul, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0x299f31d0a4093822ul, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Block_PublishedCounters_GiveKnownAnswers(uint c0, uint c1, uint c2, uint c3, ulong key, uint x0, uint x1, uint x2, uint x3)
    {
        Assert.Equal(new PhiloxBlock(x0, x1, x2, x3), Philox.Block(key, c0, c1, c2, c3));
    }

    [Fact]
    public void Indexer_Lanes_AreTheWordsInOrder()
    {
        PhiloxBlock sut = new(10, 11, 12, 13);

        Assert.Equal([10u, 11u, 12u, 13u, 10u], Enumerable.Range(0, 5).Select(lane => sut[lane]));
    }
}
