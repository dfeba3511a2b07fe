using Winnow.Gateway.Coordination;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Tests.Coordination;

/// <summary>Broken states are seen; that sound ones are not is what every other test of the coordinator shows in debug builds, where they are asserted.</summary>
public sealed class BatchInvariantsTests
{
    private const int BlockTokens = 4;
    private const int Prompt = 6;

    private readonly KvBlockAllocator _blocks = new(8);

    [Fact]
    public void BrokenBySending_SoundRows_IsNothing()
        => Assert.Null(BatchInvariants.BrokenBySending(Decoding(), Rows(baseLength: 5, known: 1, drafts: 0), _blocks, BlockTokens));

    [Theory]
    [InlineData(4, 1, 0, "I2")]
    [InlineData(5, 2, 0, "I2")]
    [InlineData(5, 1, 1, "I9")]
    public void BrokenBySending_RowsThatAreNotTheSequence_IsNamed(int baseLength, int known, int drafts, string invariant)
        => Assert.StartsWith(invariant, BatchInvariants.BrokenBySending(Decoding(), Rows(baseLength, known, drafts), _blocks, BlockTokens), StringComparison.Ordinal);

    [Fact]
    public void BrokenBySending_SharedBlockIsWritten_IsNamed()
    {
        RunningSequence sequence = Decoding();
        _blocks.AddReference(sequence.Blocks[^1]);

        Assert.StartsWith("I6", BatchInvariants.BrokenBySending(sequence, Rows(5, 1, 0), _blocks, BlockTokens), StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenBySending_CachedBlockIsWritten_IsNamed()
    {
        RunningSequence sequence = Decoding();
        _blocks.MarkCached(sequence.Blocks[^1]);

        Assert.StartsWith("I6", BatchInvariants.BrokenBySending(sequence, Rows(5, 1, 0), _blocks, BlockTokens), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7, 1, 0, false, null)]
    [InlineData(6, 1, 1, true, "I1")]
    [InlineData(6, 1, 0, false, "I1")]
    [InlineData(7, 2, 1, false, "I3")]
    [InlineData(7, 1, 1, false, "I3")]
    public void BrokenByCommitting_States_AreNamed(int stored, int kept, int accepted, bool ended, string? invariant)
    {
        RunningSequence sequence = Decoding();
        sequence.Append(3);
        sequence.Append(4);
        sequence.AdvanceKv(stored);

        string? broken = BatchInvariants.BrokenByCommitting(sequence, before: sequence.Count - 1, kept, accepted, ended);

        Assert.Equal(invariant, broken?[..2]);
    }

    [Fact]
    public void BrokenByCommitting_TokensBehindTheEnd_AreNamed()
    {
        RunningSequence sequence = Decoding(stop: 3);
        sequence.Append(3);
        sequence.Append(4);
        sequence.AdvanceKv(sequence.Count - 1);

        Assert.StartsWith("I8", BatchInvariants.BrokenByCommitting(sequence, Prompt, kept: 2, accepted: 1, hasEnded: true), StringComparison.Ordinal);
    }

    private RunningSequence Decoding(int stop = -1)
    {
        var sequence = new RunningSequence(1, Requests.Of(Prompt, 8) with { StopTokens = [stop] }, 8) { Phase = SequencePhase.Running };
        Assert.True(_blocks.TryAllocate(2, sequence.Blocks));
        sequence.AdvanceKv(Prompt - 1);
        return sequence;
    }

    private static SequenceRows Rows(int baseLength, int known, int drafts) => new()
    {
        Slot = 0,
        BaseLength = baseLength,
        PrefixHash = 0,
        Tokens = new int[known + drafts],
        KnownCount = known,
        Sample = true,
    };
}
