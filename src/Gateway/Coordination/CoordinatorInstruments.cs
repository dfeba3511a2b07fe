using System.Globalization;
using Prometheus;

namespace Winnow.Gateway.Coordination;

/// <summary>Metrics of one replica's running batch, written once a step. The replicas of a model add up.</summary>
internal sealed class CoordinatorInstruments
{
    private static readonly Gauge RunningGauge = Metrics.CreateGauge(GatewayMetrics.RequestsRunning, "Sequences with a place on the shards.", "model");
    private static readonly Gauge WaitingGauge = Metrics.CreateGauge(GatewayMetrics.RequestsWaiting, "Sequences that wait for a place.", "model");
    private static readonly Gauge UsageGauge = Metrics.CreateGauge(GatewayMetrics.KvCacheUsage, "Part of the KV blocks that running sequences hold.", "model", "replica");
    private static readonly Counter PauseCounter = Metrics.CreateCounter(GatewayMetrics.Preemptions, "Sequences paused because KV blocks ran short.", "model");
    private static readonly Counter QueryCounter = Metrics.CreateCounter(GatewayMetrics.PrefixCacheQueries, "Tokens looked up in the prefix cache.", "model");
    private static readonly Counter HitCounter = Metrics.CreateCounter(GatewayMetrics.PrefixCacheHits, "Tokens found in the prefix cache.", "model");
    private static readonly Counter StepCounter = Metrics.CreateCounter(GatewayMetrics.Steps, "Steps sent to the target.", "model");
    private static readonly Counter LostCounter = Metrics.CreateCounter(GatewayMetrics.ReplicasLost, "Replicas that broke or were lost under a coordinator.", "model");
    private static readonly Histogram RowsHistogram = Metrics.CreateHistogram(GatewayMetrics.StepRows, "Rows of a step.", ["model"],
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(1, 2, 13) });
    private static readonly Histogram SecondsHistogram = Metrics.CreateHistogram(GatewayMetrics.StepSeconds, "Time from sending a step to its result.", ["model"],
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0005, 2, 15) });

    private readonly Gauge.Child _running;
    private readonly Gauge.Child _waiting;
    private readonly Gauge.Child _usage;
    private readonly Counter.Child _pauses;
    private readonly Counter.Child _queries;
    private readonly Counter.Child _hits;
    private readonly Counter.Child _steps;
    private readonly Counter.Child _lost;
    private readonly Histogram.Child _rows;
    private readonly Histogram.Child _seconds;
    private int _lastRunning;
    private int _lastWaiting;

    /// <summary>Metrics labelled with a model's name.</summary>
    /// <param name="model">Model name.</param>
    /// <param name="replica">Number of the replica.</param>
    public CoordinatorInstruments(string model, int replica)
    {
        _running = RunningGauge.WithLabels(model);
        _waiting = WaitingGauge.WithLabels(model);
        _usage = UsageGauge.WithLabels(model, replica.ToString(CultureInfo.InvariantCulture));
        _pauses = PauseCounter.WithLabels(model);
        _queries = QueryCounter.WithLabels(model);
        _hits = HitCounter.WithLabels(model);
        _steps = StepCounter.WithLabels(model);
        _lost = LostCounter.WithLabels(model);
        _rows = RowsHistogram.WithLabels(model);
        _seconds = SecondsHistogram.WithLabels(model);
    }

    /// <summary>A step was sent.</summary>
    public void StepSent(int rows)
    {
        _steps.Inc();
        _rows.Observe(rows);
    }

    /// <summary>A step's result came.</summary>
    public void StepEnded(TimeSpan elapsed) => _seconds.Observe(elapsed.TotalSeconds);

    /// <summary>A sequence was paused.</summary>
    public void Paused() => _pauses.Inc();

    /// <summary>A sequence's tokens were looked up in the prefix cache.</summary>
    public void LookedUp(int tokens, int found)
    {
        _queries.Inc(tokens);
        _hits.Inc(found);
    }

    /// <summary>The replica broke.</summary>
    public void ReplicaLost() => _lost.Inc();

    /// <summary>The batch has changed.</summary>
    public void SetBatch(int running, int waiting, double kvUsage)
    {
        _running.Inc(running - _lastRunning);
        _waiting.Inc(waiting - _lastWaiting);
        (_lastRunning, _lastWaiting) = (running, waiting);
        _usage.Set(kvUsage);
    }
}
