using Prometheus;
using Winnow.Gateway.Serving;

namespace Winnow.Gateway.Api;

/// <summary>What the API measures: latencies and tokens as clients see them.</summary>
internal sealed class ApiInstruments
{
    private static readonly string[] ModelLabel = ["model"];
    private static readonly double[] LatencyBuckets = [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300];

    private readonly Histogram _timeToFirstToken = Create(GatewayMetrics.TimeToFirstTokenSeconds, "Time from the request to its first token.");
    private readonly Histogram _timePerOutputToken = Create(GatewayMetrics.InterTokenLatencySeconds, "Time between tokens of a choice, a step's tokens sharing its time.");
    private readonly Histogram _endToEnd = Create(GatewayMetrics.RequestLatencySeconds, "Time from the request to the end of its answer.");
    private readonly Counter _finished = Metrics.CreateCounter(GatewayMetrics.RequestsFinished, "Choices that ended, by reason.", "model", "finished_reason");
    private readonly Counter _promptTokens = Metrics.CreateCounter(GatewayMetrics.PromptTokens, "Prompt tokens of requests that began to answer.", ModelLabel);
    private readonly Counter _generatedTokens = Metrics.CreateCounter(GatewayMetrics.GenerationTokens, "Generated tokens.", ModelLabel);

    /// <summary>Starts measuring a request.</summary>
    public RequestTimer Begin(GenerationJob job, TimeProvider time) => new(this, job, time);

    internal void First(GenerationJob job, TimeSpan elapsed)
    {
        _timeToFirstToken.WithLabels(job.Model.Name).Observe(elapsed.TotalSeconds);
        _promptTokens.WithLabels(job.Model.Name).Inc(job.PromptTokens);
    }

    internal void Tokens(GenerationJob job, int count, TimeSpan? sinceLast)
    {
        _generatedTokens.WithLabels(job.Model.Name).Inc(count);
        if (sinceLast is { } gap && count > 0)
        {
            _timePerOutputToken.WithLabels(job.Model.Name).Observe(gap.TotalSeconds / count, count);
        }
    }

    internal void Finished(GenerationJob job, string reason) => _finished.WithLabels(job.Model.Name, reason).Inc();

    internal void Ended(GenerationJob job, TimeSpan elapsed) => _endToEnd.WithLabels(job.Model.Name).Observe(elapsed.TotalSeconds);

    private static Histogram Create(string name, string help)
        => Metrics.CreateHistogram(name, help, ModelLabel, new HistogramConfiguration { Buckets = LatencyBuckets });
}

/// <summary>Measures one request from its arrival to its end.</summary>
internal sealed class RequestTimer(ApiInstruments instruments, GenerationJob job, TimeProvider time) : IDisposable
{
    private readonly long _start = time.GetTimestamp();
    private readonly long[] _last = new long[job.Choices.Count];
    private int _open = job.Choices.Count;
    private bool _begun;

    /// <summary>Records what an update tells.</summary>
    public void Observe(ChoiceUpdate update)
    {
        long now = time.GetTimestamp();
        if (!_begun)
        {
            _begun = true;
            instruments.First(job, time.GetElapsedTime(_start, now));
        }
        ref long last = ref _last[update.Index];
        instruments.Tokens(job, update.IsRepeat || update.IsReplay ? 0 : update.Tokens.Count, last == 0 ? null : time.GetElapsedTime(last, now));
        last = now;
        if (update.FinishReason is not null)
        {
            _open--;
            instruments.Finished(job, update.FinishReason);
        }
    }

    /// <summary>The request ended, its choices finished or not.</summary>
    public void Dispose()
    {
        instruments.Ended(job, time.GetElapsedTime(_start));
        for (; _open > 0; _open--)
        {
            instruments.Finished(job, "abort");
        }
    }
}
