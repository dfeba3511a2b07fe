using Prometheus;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>Metrics of drafting ahead.</summary>
internal sealed class AheadInstruments
{
    private static readonly Counter HitCounter = Metrics.CreateCounter(GatewayMetrics.AheadHits, "Steps of a sequence that took drafts from what was prepared.", "model");
    private static readonly Counter MissCounter = Metrics.CreateCounter(GatewayMetrics.AheadMisses, "Steps of a sequence that found nothing prepared.", "model");
    private static readonly Counter BranchCounter = Metrics.CreateCounter(GatewayMetrics.AheadBranches, "Branches received from the draft model.", "model");
    private static readonly Counter LateCounter = Metrics.CreateCounter(GatewayMetrics.AheadLate, "Branches that came when their sequence had gone on.", "model");

    private static readonly Counter MirrorHitCounter = Metrics.CreateCounter(GatewayMetrics.AheadMirrorHits, "Steps of a sequence that took drafts prepared for what the early exit expected.", "model");

    private readonly Counter.Child _hits;
    private readonly Counter.Child _misses;
    private readonly Counter.Child _mirrorHits;
    private readonly Counter.Child _branches;
    private readonly Counter.Child _late;

    /// <summary>Metrics labelled with a model's name.</summary>
    public AheadInstruments(string model)
    {
        _hits = HitCounter.WithLabels(model);
        _misses = MissCounter.WithLabels(model);
        _mirrorHits = MirrorHitCounter.WithLabels(model);
        _branches = BranchCounter.WithLabels(model);
        _late = LateCounter.WithLabels(model);
    }

    /// <summary>Prepared drafts were looked for.</summary>
    public void LookedUp(bool isHit) => (isHit ? _hits : _misses).Inc();

    /// <summary>They were prepared because the early exit expected the outcome.</summary>
    public void Mirrored() => _mirrorHits.Inc();

    /// <summary>A branch came.</summary>
    /// <param name="inTime">Its sequence had not gone on yet.</param>
    public void Received(bool inTime)
    {
        _branches.Inc();
        if (!inTime)
        {
            _late.Inc();
        }
    }
}
