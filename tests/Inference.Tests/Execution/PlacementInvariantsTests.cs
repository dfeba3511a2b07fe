using Winnow.Inference.Execution;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Tests.Execution;

/// <summary>Broken layouts are seen; that sound ones are not is what every other test of the engine shows in debug builds, where they are asserted.</summary>
public sealed class PlacementInvariantsTests
{
    private const int BaseLength = 5;
    private const int BlockTokens = 4;
    private const int PageRows = 16;

    [Fact]
    public void Broken_SoundTree_IsNothing() => Assert.Null(Check(Laid()));

    [Fact]
    public void Broken_OtherBase_IsNamed()
    {
        ForwardSequence sequence = Laid();
        sequence.BaseLength = BaseLength + 1;

        Assert.StartsWith("I2", Check(sequence), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 2, 16)]
    [InlineData(2, 1, 15)]
    [InlineData(2, 1, 14)]
    public void Broken_DepthOrPlace_IsNamed(int row, int depth, int slot)
    {
        ForwardSequence sequence = Laid();
        sequence.Depths[row] = depth;
        sequence.KvSlots[row] = slot;

        Assert.StartsWith("I5", Check(sequence), StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_ParentAfterItsChild_IsNamed()
    {
        ForwardSequence sequence = Laid();
        sequence.Parents[1] = 2;

        Assert.StartsWith("I5", Check(sequence), StringComparison.Ordinal);
    }

    private static string? Check(ForwardSequence sequence) => PlacementInvariants.Broken(sequence, BaseLength, BlockTokens, PageRows);

    // A root at position 5, and two children of which the first lies in the pages: positions 4 to 7 are in block 3.
    private static ForwardSequence Laid()
    {
        ForwardSequence sequence = new ForwardBatch().Add(3);
        sequence.BaseLength = BaseLength;
        sequence.SetBlocks([1, 3]);
        new[] { -1, 0, 0 }.CopyTo(sequence.Parents);
        new[] { 0, 1, 1 }.CopyTo(sequence.Depths);
        new[] { 13, 14, 16 }.CopyTo(sequence.KvSlots);
        return sequence;
    }
}
