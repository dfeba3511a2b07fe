using System.Globalization;
using Prometheus;

namespace Winnow.Gateway.Coordination.Calibration;

/// <summary>Metrics of what was timed on one replica before it served.</summary>
/// <param name="model">Model name.</param>
/// <param name="replica">Number of the replica.</param>
internal sealed class CalibrationInstruments(string model, int replica)
{
    private static readonly Gauge StepGauge = Metrics.CreateGauge(GatewayMetrics.CalibrationStepSeconds, "Time of a step before serving, by rows.", "model", "replica", "rows");
    private static readonly Gauge DraftGauge = Metrics.CreateGauge(GatewayMetrics.CalibrationDraftSeconds, "Time of a draft round before serving, by tokens.", "model", "replica", "tokens");

    private readonly string _replica = replica.ToString(CultureInfo.InvariantCulture);

    /// <summary>The replica was calibrated.</summary>
    public void Measured(ReplicaCosts costs)
    {
        costs.Steps.ForEach((rows, seconds) => StepGauge.WithLabels(model, _replica, rows.ToString(CultureInfo.InvariantCulture)).Set(seconds));
        costs.Drafts.ForEach((tokens, seconds) => DraftGauge.WithLabels(model, _replica, tokens.ToString(CultureInfo.InvariantCulture)).Set(seconds));
    }
}
