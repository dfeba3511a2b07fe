using System.Text.Json;
using Winnow.GpuWorker.Devices;

namespace Winnow.KernelBench.Tests;

/// <summary>The whole bench on the emulated device, in sizes whose figures mean nothing: every line is there and judged by the right ceiling.</summary>
public sealed class BenchRunTests(BenchRunTests.QuickRun quick) : IClassFixture<BenchRunTests.QuickRun>
{
    private const float BrainRate = 790;

    private BenchReport Report => quick.Report;

    [Fact]
    public void Run_Quick_MeasuresEveryFigureOfTheTable()
    {
        string[] lines = [.. Report.Figures.Select(figure => $"{figure.What.Split(',')[0]} {figure.Form}")];

        Assert.Superset(
            new HashSet<string>
            {
                "GEMV Q4_0", "GEMV Q8_0", "GEMV Q4_K", "GEMV Q6_K", "GEMV F16", "GEMV BF16", "GEMM F16", "GEMM Q8_0",
                "decode attention f16", "prefill attention f16", "tiny Q4_0", "tiny Q8_0",
            },
            new HashSet<string>(lines));
        Assert.True(Report.Ceilings.CopyGbPerSecond > 0);
        Assert.All(Report.Figures, figure =>
        {
            Assert.True(figure.Value > 0, $"{figure.What}: {figure.Value} {figure.Unit}");
            Assert.InRange(figure.Micros, figure.LeastMicros * 0.999, figure.MostMicros * 1.001);
        });
    }

    [Theory]
    [InlineData("GEMV", "Q4_0", "copy", 0.8)]
    [InlineData("GEMV", "Q8_0", "copy", 0.8)]
    [InlineData("GEMM", "F16", "bf16", 0.25)]
    [InlineData("GEMM", "Q8_0", "bf16", 0.15)]
    [InlineData("decode attention", "f16", "copy", 0.75)]
    [InlineData("prefill attention", "f16", "bf16", 0.2)]
    [InlineData("tiny, decode, batch 1", "Q4_0", "copy", 0.7)]
    [InlineData("tiny, decode, batch 1", "Q8_0", "copy", 0.7)]
    [InlineData("tiny, decode, batch 2", "Q4_0", "one", 16)]
    public void Run_Quick_JudgesByTheGoalsOfTheKernels(string what, string form, string of, double goal)
    {
        Figure figure = Report.Figures.First(line => line.What.StartsWith(what, StringComparison.Ordinal) && line.Form == form);
        double? ceiling = of switch { "copy" => Report.Ceilings.CopyGbPerSecond, "bf16" => BrainRate, _ => null };

        Assert.Equal((of, goal), (figure.Of, figure.Goal));
        Assert.NotNull(figure.IsReached);
        if (figure.Unit != "tokens/s")
        {
            Assert.Equal(figure.Value / ceiling!.Value, figure.Share!.Value, 9);
        }
    }

    [Fact]
    public void ToJson_Quick_ParsesWithALineForEveryFigure()
    {
        using JsonDocument json = JsonDocument.Parse(Report.ToJson());

        Assert.Equal(Report.Figures.Count, json.RootElement.GetProperty("figures").GetArrayLength());
        Assert.Equal("given, not measured", json.RootElement.GetProperty("ceilings").GetProperty("bf16_source").GetString());
        Assert.Equal(JsonValueKind.Number, json.RootElement.GetProperty("figures")[0].GetProperty("share").ValueKind);
    }

    [Fact]
    public void WriteMarkdown_Quick_IsATableThatSaysWhatItIsWorth()
    {
        StringWriter output = new();

        Report.WriteMarkdown(output);

        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Report.Figures.Count + 2, lines.Count(line => line.StartsWith('|')));
        Assert.Contains("mean nothing", lines[0], StringComparison.Ordinal);
        Assert.Contains("790.0 TFLOP/s (given, not measured)", lines[1], StringComparison.Ordinal);
        Assert.All(lines.Where(line => line.StartsWith('|')), line => Assert.Equal(10, line.Count(c => c == '|')));
    }

    [Fact]
    public void Figure_WithoutACeiling_IsNotJudged()
    {
        Figure figure = Figure.From("GEMM", "F16", [TimeSpan.FromMicroseconds(1), TimeSpan.FromMicroseconds(2), TimeSpan.FromMicroseconds(4)], 4e6, "TFLOP/s");

        Figure sut = figure.Under(new Ceilings(100, null, "neither given nor measured"), goal: 0.25);

        Assert.Equal((2, 1, 4, 2), (sut.Micros, sut.LeastMicros, sut.MostMicros, sut.Value));
        Assert.Null(sut.Share);
        Assert.Null(sut.IsReached);
    }

    /// <summary>Runs the bench once for all tests.</summary>
    public sealed class QuickRun
    {
        internal BenchReport Report { get; } =
            new BenchRun(new DeviceChoice(DeviceKind.IlgpuCpu), BenchSizes.Quick, BrainRate, TimeProvider.System, _ => { }).Run();
    }
}
