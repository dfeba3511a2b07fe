using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Sampling;
using Winnow.Inference.Sampling;

namespace Winnow.Kernels.Suite;

/// <summary>Gumbel-max draws against the CPU's sampler: the same token, the same score bit for bit.</summary>
public abstract class DrawSuite : KernelSuite
{
    [KernelTheory]
    [InlineData(0UL, 0, 0, 0, 0x3fb5b6c7ac8fd9d3UL)]
    [InlineData(0UL, 0, 0, 5, 0x4003543f6641a412UL)]
    [InlineData(0x0123456789abcdefUL, 0, 0, 7, 0xbf8636551655410cUL)]
    [InlineData(0x0123456789abcdefUL, 1, 3, 1000, 0xbfd97a9594ef9bedUL)]
    [InlineData(0xffffffffffffffffUL, 2, 100, 128255, 0x3fdf50ccfc6f51e0UL)]
    public void Run_OneTokenLeft_ScoreIsTheGoldenNoise(ulong seed, int choice, int index, int token, ulong bits)
    {
        float[] logits = Enumerable.Repeat(float.NegativeInfinity, 128256).ToArray();
        logits[token] = 0;

        DrawResult result = Draw(128256, [logits], [DrawParameters.Of(seed, choice, index, 1)])[0];

        Assert.Equal(token, result.Token);
        Assert.Equal(bits, BitConverter.DoubleToUInt64Bits(result.Score));
    }

    [KernelTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(31)]
    [InlineData(1021)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(9001)]
    public void Run_RandomLogits_DrawsWhatTheSamplerDraws(int vocabulary)
    {
        const int Rows = 9;
        float[] temperatures = [0, 0.1f, 0.7f, 1, 1.3f, 2, 1, 1.9f, 0.01f];
        float[][] logits = [.. Enumerable.Range(0, Rows).Select(row => Floats(row, vocabulary, row == 6 ? 0 : 4))];
        DrawParameters[] draws = [.. Enumerable.Range(0, Rows).Select(row => DrawParameters.Of(0xABCDEF0123UL * (ulong)row, row % 3, row * 7, temperatures[row], (uint)row % 2))];
        TokenSampler sampler = new(vocabulary);

        DrawResult[] results = Draw(vocabulary, logits, draws);

        for (int row = 0; row < Rows; row++)
        {
            SamplingParameters parameters = new() { Temperature = temperatures[row], Seed = 0xABCDEF0123UL * (ulong)row, Choice = row % 3 };
            sampler.NoiseStream = (uint)row % 2;
            int expected = sampler.Sample(logits[row], SamplingPlan.Create(parameters, vocabulary), null, [], row * 7);
            Assert.True(expected == results[row].Token, $"Row {row} drew {results[row].Token}; the sampler draws {expected}.");
            Assert.Equal(logits[row].Max(), results[row].Largest);
            if (temperatures[row] > 0)
            {
                double score = (logits[row][expected] / (double)temperatures[row]) + new GumbelNoise(parameters.Seed, row % 3, row * 7, (uint)row % 2).Of(expected);
                Assert.Equal(BitConverter.DoubleToInt64Bits(score), BitConverter.DoubleToInt64Bits(results[row].Score));
            }
        }
    }

    [KernelTheory]
    [InlineData(1, 2)]
    [InlineData(4099, 5)]
    [InlineData(8190, 9001)]
    public void Run_PartsOfTheVocabulary_TheBetterOfThemIsTheTokenOfAll(int cut, int vocabulary)
    {
        const int Rows = 8;
        float[][] logits = [.. Enumerable.Range(0, Rows).Select(row => Floats(row, Math.Max(cut, vocabulary), 2))];
        int split = Math.Min(cut, vocabulary);
        DrawParameters[] draws = [.. Enumerable.Range(0, Rows).Select(row => DrawParameters.Of((ulong)row, 0, row, row % 4 * 0.5f))];

        DrawResult[] whole = Draw(logits[0].Length, logits, draws);
        DrawResult[] low = Draw(split, [.. logits.Select(row => row[..split])], draws);
        DrawResult[] high = Draw(logits[0].Length - split, [.. logits.Select(row => row[split..])], draws, split);

        for (int row = 0; row < Rows; row++)
        {
            DrawResult better = high[row].Score > low[row].Score ? high[row] : low[row];
            Assert.Equal((whole[row].Token, whole[row].Score), (better.Token, better.Score));
        }
    }

    [KernelFact]
    public void Run_1To33Rows_GivesEachRowItsTokenAlone()
    {
        const int Vocabulary = 300;
        float[][] logits = [.. Enumerable.Range(0, 33).Select(row => Floats(row, Vocabulary, 2))];
        DrawParameters[] draws = [.. Enumerable.Range(0, 33).Select(row => DrawParameters.Of((ulong)row, 0, row, 0.9f))];
        DrawResult[] alone = [.. Enumerable.Range(0, 33).Select(row => Draw(Vocabulary, [logits[row]], [draws[row]])[0])];

        for (int count = 1; count <= 33; count++)
        {
            Assert.Equal(alone[^count..], Draw(Vocabulary, logits[^count..], draws[^count..]));
        }
    }

    [KernelTheory]
    [InlineData(0f)]
    [InlineData(1f)]
    public void Run_LogitsThatCannotBeUsed_SaysSo(float temperature)
    {
        const int Vocabulary = 5000;
        float[][] logits = [.. Enumerable.Range(0, 4).Select(row => Floats(row, Vocabulary))];
        logits[0][4999] = float.NaN;
        logits[1][0] = float.PositiveInfinity;
        Array.Fill(logits[2], float.NegativeInfinity);
        Array.Fill(logits[3], float.NegativeInfinity, 0, 4998);

        DrawResult[] results = Draw(Vocabulary, logits, [.. Enumerable.Repeat(DrawParameters.Of(1, 0, 0, temperature), 4)]);

        Assert.Equal(
            [DrawStatus.NotANumber, DrawStatus.NotANumber, DrawStatus.NoCandidates, DrawStatus.Drawn], results.Select(result => result.Status));
        Assert.InRange(results[3].Token, 4998, 4999);
    }

    [KernelFact]
    public void Run_EqualLogitsAndNoTemperature_TakesTheLowestId()
    {
        float[] logits = new float[9000];
        logits[17] = -0f;
        logits[5000] = 3;
        logits[8999] = 3;

        Assert.Equal(5000, Draw(9000, [logits], [default])[0].Token);
        Assert.Equal(0, Draw(9000, [new float[9000]], [default])[0].Token);
    }

    [KernelFact]
    public void Run_ShapesThatDoNotFit_ThrowsWithBoth()
    {
        using DrawOp sut = new(Accelerator, 100, 2);
        using var logits = Accelerator.Allocate1D<float>(512);
        using var draws = Accelerator.Allocate1D<DrawParameters>(2);
        using var results = Accelerator.Allocate1D<DrawResult>(3);

        Assert.Contains("'3'", Assert.Throws<ArgumentException>(() => sut.Run(Stream, 3, new RowsView(logits.View, 100, 128), draws.View, results.View)).Message);
        Assert.Contains("'96'", Assert.Throws<ArgumentException>(() => sut.Run(Stream, 1, new RowsView(logits.View, 96, 128), draws.View, results.View)).Message);
        sut.Run(Stream, 0, new RowsView(logits.View, 100, 128), draws.View, results.View);
    }

    private DrawResult[] Draw(int vocabulary, float[][] logits, DrawParameters[] draws, int firstToken = 0)
    {
        int stride = RowsView.StrideOf(vocabulary);
        float[] flat = new float[logits.Length * stride];
        for (int row = 0; row < logits.Length; row++)
        {
            logits[row].CopyTo(flat, row * stride);
        }
        using DrawOp sut = new(Accelerator, vocabulary, logits.Length, firstToken);
        using MemoryBuffer1D<float, Stride1D.Dense> values = Accelerator.Allocate1D(flat);
        using MemoryBuffer1D<DrawParameters, Stride1D.Dense> parameters = Accelerator.Allocate1D(draws);
        using MemoryBuffer1D<DrawResult, Stride1D.Dense> results = Accelerator.Allocate1D<DrawResult>(logits.Length);
        sut.Run(Stream, logits.Length, new RowsView(values.View, vocabulary, stride), parameters.View, results.View);
        return Download(results);
    }
}
