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

    [KernelTheory]
    [InlineData(1, 0)]
    [InlineData(130, 0)]
    [InlineData(4100, 0)]
    [InlineData(130, 61)]
    public void Mask_RowsOfAList_LeavesOnlyWhatIsAllowed(int tokens, int firstToken)
    {
        int stride = RowsView.StrideOf(tokens);
        int words = (firstToken + tokens + 63) / 64;
        Random random = new(tokens + firstToken);
        ulong[] masks = [.. Enumerable.Range(0, 2 * words).Select(_ => (ulong)random.NextInt64())];
        int[] rows = [3, 1];
        float[] logits = Floats(5, 4 * stride);
        float[] expected = [.. logits];
        for (int i = 0; i < rows.Length; i++)
        {
            for (int token = 0; token < tokens; token++)
            {
                int id = firstToken + token;
                // The last word is beyond what the masks are said to know.
                bool allowed = id / 64 < words - 1 && ((masks[(i * (words - 1)) + (id / 64)] >> (id % 64)) & 1) != 0;
                expected[(rows[i] * stride) + token] = allowed ? expected[(rows[i] * stride) + token] : float.NegativeInfinity;
            }
        }
        MemoryBuffer1D<float, Stride1D.Dense> buffer = Upload(logits);
        if (words > 1)
        {
            new LogitMaskOp(Accelerator).Run(Stream, 4, new RowsView(buffer.View, tokens, stride), Upload(rows).View, Upload(masks).View, words - 1, firstToken);

            AssertSameBits(expected, Download(buffer), "logits");
        }
        Assert.Contains(
            $"'{words * 9}'",
            Assert.Throws<ArgumentException>(
                () => new LogitMaskOp(Accelerator).Run(Stream, 4, new RowsView(buffer.View, tokens, stride), Upload(rows).View, Upload(masks).View, words * 9)).Message);
    }

    [KernelTheory]
    [InlineData(1, 1f)]
    [InlineData(4097, 0.3f)]
    [InlineData(9001, 2f)]
    public void Weigh_RowsOfAList_IsNearTheSumInOrder(int vocabulary, float temperature)
    {
        int stride = RowsView.StrideOf(vocabulary);
        float[][] logits = [Floats(1, vocabulary, 5), Floats(2, vocabulary, 1e-3f), Floats(3, vocabulary, 300)];
        logits[2].AsSpan(0, vocabulary / 2).Fill(float.NegativeInfinity);
        float[] flat = new float[3 * stride];
        for (int row = 0; row < 3; row++)
        {
            logits[row].CopyTo(flat, row * stride);
        }
        RowsView view = new(Upload(flat).View, vocabulary, stride);
        MemoryBuffer1D<DrawParameters, Stride1D.Dense> draws = Upload(Enumerable.Repeat(DrawParameters.Of(1, 0, 0, temperature), 3).ToArray());
        MemoryBuffer1D<DrawResult, Stride1D.Dense> drawn = Allocate<DrawResult>(3);
        using DrawOp draw = new(Accelerator, vocabulary, 3);
        draw.Run(Stream, 3, view, draws.View, drawn.View);
        int segments = LogitWeightOp.SumsOf(vocabulary);
        MemoryBuffer1D<double, Stride1D.Dense> sums = Allocate<double>(2 * segments);

        new LogitWeightOp(Accelerator).Run(Stream, 3, view, Upload(new[] { 2, 0 }).View, draws.View, drawn.View, sums.View);

        double[] found = Download(sums);
        foreach ((int place, int row) in new[] { (0, 2), (1, 0) })
        {
            double expected = Winnow.Inference.Sampling.PortableMath.SumExp(logits[row], temperature, logits[row].Max() / (double)temperature);
            Assert.InRange(found.AsSpan(place * segments, segments).ToArray().Sum() / expected, 1 - 1e-12, 1 + 1e-12);
        }
        Assert.Contains(
            $"'{segments}'",
            Assert.Throws<ArgumentException>(() => new LogitWeightOp(Accelerator).Run(Stream, 3, view, Upload(new[] { 0, 1, 2 }).View, draws.View, drawn.View, sums.View)).Message);
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
