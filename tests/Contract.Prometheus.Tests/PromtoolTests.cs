using System.Diagnostics;
using Prometheus;

namespace Winnow.Contract.Prometheus.Tests;

public sealed class PromtoolTests
{
    [PromtoolFact]
    public async Task CheckMetrics_EveryKind_FindsNothingWrong()
    {
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        MetricFactory factory = Metrics.WithCustomRegistry(registry);
        factory.CreateCounter("winnow_tokens_total", "Tokens \"quoted\", as in héllo.", "model").WithLabels("a \"b\"\n").Inc(1e21);
        factory.CreateGauge("winnow_free_bytes", "Free.").Set(double.PositiveInfinity);
        factory.CreateGauge("winnow_ratio", "Ratio.").Set(double.NaN);
        Histogram histogram = factory.CreateHistogram(
            "winnow_step_seconds", "Step.", ["phase"], new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(1e-5, 4, 9) });
        histogram.WithLabels("decode").Observe(0.01);
        histogram.WithLabels("prefill").Observe(99);

        Assert.Equal((0, ""), await CheckAsync((await Exposition.Of(registry)).Text));
    }

    [PromtoolFact]
    public async Task CheckMetrics_ProcessMetrics_ParsesThem()
    {
        (int exitCode, string output) = await CheckAsync((await Exposition.Of(Metrics.DefaultRegistry)).Text);

        // 3 is "parsed, but a name could be better"; 1 is "not parsed".
        Assert.True(exitCode is 0 or 3, output);
    }

    private static async Task<(int ExitCode, string Output)> CheckAsync(string text)
    {
        using Process promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        string output = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        return (promtool.ExitCode, output);
    }
}
