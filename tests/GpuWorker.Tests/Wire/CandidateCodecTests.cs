using Winnow.GpuWorker.Wire;
using Winnow.Inference.Execution;
using V1 = Winnow.Contracts.V1;

namespace Winnow.GpuWorker.Tests.Wire;

public sealed class CandidateCodecTests
{
    [Fact]
    public void Step_CandidatesWanted_ThroughAWorkerAndOn()
    {
        V1.StepMessage message = new() { Sequences = { new V1.SequenceRows { Tokens = { 1 }, KnownCount = 1, Candidates = true }, new V1.SequenceRows { Slot = 1, Tokens = { 1 } } } };

        StepBatch batch = StepCodec.Decode(message);
        StepCodec.ReplaceRows(message, batch);

        Assert.Equal([true, false], batch.Sequences.Select(rows => rows.WantsCandidates));
        Assert.Equal([true, false], message.Sequences.Select(rows => rows.Candidates));
    }

    [Fact]
    public void Result_Candidates_AreOnTheWire()
    {
        StepResult result = new();
        result.Sequences.Add(new SequenceResult { Slot = 3, Candidates = [4, 2, 9] });

        Assert.Equal([4, 2, 9], StepCodec.Encode(result, 0).Sequences[0].Candidates);
    }
}
