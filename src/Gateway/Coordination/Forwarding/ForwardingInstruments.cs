using Prometheus;

namespace Winnow.Gateway.Coordination.Forwarding;

/// <summary>What is measured of requests that other gateways run.</summary>
internal sealed class ForwardingInstruments(string model)
{
    private static readonly Counter ForwardedTotal = Metrics.CreateCounter(
        GatewayMetrics.RequestsForwarded, "Generations sent to the gateway that coordinates the replica.", "model");

    private static readonly Counter MovedTotal = Metrics.CreateCounter(
        GatewayMetrics.RequestsMoved, "Generations that went on elsewhere because the lease moved or a gateway was lost.", "model");

    private readonly Counter.Child _forwarded = ForwardedTotal.WithLabels(model);
    private readonly Counter.Child _moved = MovedTotal.WithLabels(model);

    /// <summary>A generation was sent to another gateway.</summary>
    public void Forwarded() => _forwarded.Inc();

    /// <summary>A generation went on elsewhere.</summary>
    public void Moved() => _moved.Inc();
}
