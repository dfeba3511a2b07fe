using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Sampling;
using Winnow.Inference.Sampling;

namespace Winnow.Kernels.Suite;

/// <summary>Head bias, soft cap, and edits of single logits.</summary>
public abstract class LogitSuite : KernelSuite
{
    [KernelTheory]
    [InlineData(1, true, 0f)]
    [InlineData(31, false, 30f)]
    [InlineData(4097, true, 5f)]
    public void Finish_BiasAndCap_MatchDoubles(int vocabulary, bool hasBias, float cap)
    {
        int stride = RowsView.StrideOf(vocabulary);
        float[] logits = Floats(1, 3 * stride, 6);
        float[] bias = hasBias ? Floats(2, vocabulary) : [];
        using MemoryBuffer1D<float, Stride1D.Dense> buffer = Accelerator.Allocate1D(logits);
        using MemoryBuffer1D<float, Stride1D.Dense> biases = Upload(bias);

        new LogitFinishOp(Accelerator).Run(
            Stream, 3, new RowsView(buffer.View, vocabulary, stride), hasBias ? biases.View.BaseView : ArrayView<float>.Empty, cap);

        float[] result = Download(buffer);
        for (int i = 0; i < logits.Length; i++)
        {
            double expected = logits[i];
            if (i % stride < vocabulary)
            {
                expected += hasBias ? bias[i % stride] : 0;
                expected = cap > 0 ? cap * Math.Tanh(expected / cap) : expected;
            }
            Assert.True(Math.Abs(expected - result[i]) < 5e-6, $"Element {i} is {result[i]:R}, expected {expected:R}.");
        }
    }

    [KernelFact]
    public void Edit_EveryKind_GivesTheBitsOfTheSampler()
    {
        const int Vocabulary = 200;
        LogitPenalties[] penalties = [new() { Repetition = 1.3f, Frequency = 0.37f, Presence = 0.21f }, new() { Repetition = 1 }];
        LogitEdit[] edits =
        [
            new() { Token = 0, Flags = LogitEdit.HasBias, Bias = 0.1f },
            new() { Token = 199, Flags = LogitEdit.HasBias | LogitEdit.Seen, Bias = -5.3f },
            new() { Token = 7, Flags = LogitEdit.Seen, Count = 3 },
            new() { Token = 8, Flags = LogitEdit.Seen, Count = 0 },
            new() { Token = 9, Flags = LogitEdit.Seen | LogitEdit.HasBias, Count = 11, Bias = 1.7f },
            new() { Token = 10, Flags = LogitEdit.Banned | LogitEdit.Seen | LogitEdit.HasBias, Count = 2, Bias = 9 },
            new() { Row = 1, Token = 7, Flags = LogitEdit.Banned },
        ];
        int stride = RowsView.StrideOf(Vocabulary);
        float[] logits = Floats(3, 2 * stride, 3);
        float[] expected = [.. logits];
        foreach (LogitEdit edit in edits)
        {
            ref float logit = ref expected[(edit.Row * stride) + edit.Token];
            logit = Edited(logit, edit, penalties[edit.Row]);
        }
        using MemoryBuffer1D<float, Stride1D.Dense> buffer = Accelerator.Allocate1D(logits);
        using MemoryBuffer1D<LogitEdit, Stride1D.Dense> list = Accelerator.Allocate1D(edits);
        using MemoryBuffer1D<LogitPenalties, Stride1D.Dense> rows = Accelerator.Allocate1D(penalties);
        LogitEditOp.Require(edits, 2, Vocabulary);

        new LogitEditOp(Accelerator).Run(Stream, 2, new RowsView(buffer.View, Vocabulary, stride), list.View, edits.Length, rows.View);

        AssertSameBits(expected, Download(buffer), "logits");
    }

    [KernelFact]
    public void Edit_RowOrTokenThatIsNotThere_Throws()
    {
        Assert.Contains("'200'", Assert.Throws<ArgumentException>(() => LogitEditOp.Require([new LogitEdit { Token = 200 }], 1, 200)).Message);
        Assert.Contains("'1'", Assert.Throws<ArgumentException>(() => LogitEditOp.Require([new LogitEdit { Row = 1 }], 1, 200)).Message);
        Assert.Contains("'-1'", Assert.Throws<ArgumentException>(() => LogitEditOp.Require([new LogitEdit { Token = -1 }], 1, 200)).Message);
    }

    // The order of docs/sampling.md, in the operations of TokenHistory.
    private static float Edited(float logit, LogitEdit edit, LogitPenalties penalties)
    {
        logit = (edit.Flags & LogitEdit.HasBias) != 0 ? logit + edit.Bias : logit;
        logit = (edit.Flags & LogitEdit.Banned) != 0 ? float.NegativeInfinity : logit;
        if ((edit.Flags & LogitEdit.Seen) != 0)
        {
            logit = logit > 0 ? logit / penalties.Repetition : logit * penalties.Repetition;
            if (edit.Count > 0)
            {
                logit -= edit.Count * penalties.Frequency;
                logit -= penalties.Presence;
            }
        }
        return logit;
    }
}
