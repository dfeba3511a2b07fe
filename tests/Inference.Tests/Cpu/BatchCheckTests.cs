using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>Numbers from hostile peers never become addresses.</summary>
public sealed class BatchCheckTests : IDisposable
{
    private readonly LawCase _law = new(GgmlType.Q8_0);

    public void Dispose() => _law.Dispose();

    public static TheoryData<string, string> BadRows => new()
    {
        { "token", "-1" },
        { "token", "267" },
        { "token", "2147483647" },
        { "parent", "1" },
        { "parent", "-2" },
        { "depth", "0" },
        { "depth", "2" },
        { "KV row", "-1" },
        { "KV row", "2624" },
        { "KV block", "160" },
        { "KV block", "-1" },
        { "base length", "-1" },
        { "base length", "64" },
    };

    [Theory]
    [MemberData(nameof(BadRows))]
    public void Forward_NumberOutOfRange_IsRefusedByName(string what, string text)
    {
        ShardDriver sut = _law.Load();
        ForwardBatch batch = new();
        sut.Add(batch, [5, 6], 3, 0);
        Corrupt(batch[0], what, int.Parse(text));

        ArgumentException refused = Assert.Throws<ArgumentException>(() => sut.Run(batch));
        Assert.Contains($"{what} '{text}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_PositionPastTheContext_IsRefused()
    {
        ShardDriver sut = _law.Load();
        ForwardBatch batch = new();
        sut.Add(batch, [5, 6], 63, 0);

        Assert.Contains("position '64'", Assert.Throws<ArgumentException>(() => sut.Run(batch)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_TableShorterThanTheBase_IsRefused()
    {
        ShardDriver sut = _law.Load();
        ForwardBatch batch = new();
        sut.Add(batch, [5], 33, 0);
        batch[0].SetBlocks([0, 1]);

        Assert.Contains("block table for '32' tokens", Assert.Throws<ArgumentException>(() => sut.Run(batch)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_WrongLengthsOfHiddenStates_AreRefused()
    {
        ShardDriver sut = _law.Load();
        ForwardBatch batch = new();
        sut.Add(batch, [5], 0, 0);

        Assert.Throws<ArgumentException>("output", () => sut.Shard.Forward(batch, [], new float[95], default));
        Assert.Throws<ArgumentException>("input", () => sut.Shard.Forward(batch, new float[1], new float[96], default));
        Assert.Throws<ArgumentException>("logits", () => sut.Shard.ComputeLogits(new float[96], 1, new float[266]));
    }

    [Fact]
    public void Forward_Cancelled_Throws()
    {
        ShardDriver sut = _law.Load();
        ForwardBatch batch = new();
        sut.Add(batch, [5], 0, 0);

        Assert.Throws<OperationCanceledException>(
            () => sut.Shard.Forward(batch, [], new float[96], new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 160)]
    public void CopyBlock_OutsideTheCache_IsRefused(int source, int destination) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _law.Load().Shard.CopyBlock(source, destination));

    [Theory]
    [InlineData(2624, 0)]
    [InlineData(0, -1)]
    public void CopyRow_OutsideTheCache_IsRefused(int source, int destination) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _law.Load().Shard.CopyRow(source, destination));

    [Fact]
    public void ComputeLogits_FirstShardOfTwo_HasNoHead()
    {
        ShardDriver sut = _law.Load(cuts: 1);

        Assert.Throws<InvalidOperationException>(() => sut.Shard.ComputeLogits(new float[96], 1, new float[267]));
    }

    [Fact]
    public void AnyCall_AfterDispose_IsRefused()
    {
        ShardDriver sut = _law.Load();
        sut.Shard.Dispose();

        Assert.Throws<ObjectDisposedException>(() => sut.Chain([1], 0));
        Assert.Throws<ObjectDisposedException>(() => sut.Shard.CopyBlock(0, 1));
        Assert.Throws<ObjectDisposedException>(() => sut.Shard.CopyRow(0, 1));
    }

    private static void Corrupt(ForwardSequence sequence, string what, int value)
    {
        switch (what)
        {
            case "token":
                sequence.Tokens[1] = value;
                break;
            case "parent":
                sequence.Parents[1] = value;
                break;
            case "depth":
                sequence.Depths[1] = value;
                break;
            case "KV row":
                sequence.KvSlots[1] = value;
                break;
            case "KV block":
                sequence.SetBlocks([value]);
                break;
            default:
                sequence.BaseLength = value;
                break;
        }
    }
}
