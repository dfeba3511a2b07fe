using System.Globalization;
using Prometheus;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>Metrics of one drafter of one model.</summary>
internal sealed class DrafterInstruments
{
    private static readonly string[] Labels = ["model", "drafter"];
    private static readonly Counter DraftCounter = Metrics.CreateCounter(GatewayMetrics.Drafts, "Steps of a sequence that verified drafts.", Labels);
    private static readonly Counter TokenCounter = Metrics.CreateCounter(GatewayMetrics.DraftTokens, "Draft tokens verified.", Labels);
    private static readonly Counter AcceptedCounter = Metrics.CreateCounter(GatewayMetrics.AcceptedTokens, "Draft tokens accepted.", Labels);
    private static readonly Counter PositionCounter = Metrics.CreateCounter(GatewayMetrics.AcceptedTokensPerPosition,
        "Draft tokens accepted by their place in the draft, from 0.", ["model", "drafter", "position"]);
    private static readonly Counter SecondsCounter = Metrics.CreateCounter(GatewayMetrics.DraftSeconds, "Time that drafting took.", Labels);

    private readonly Counter.Child _drafts;
    private readonly Counter.Child _tokens;
    private readonly Counter.Child _accepted;
    private readonly Counter.Child _seconds;
    private readonly Counter.Child[] _positions = new Counter.Child[SpeculationOptions.MaxDraftTokens];

    /// <summary>Metrics labelled with a model's and a drafter's name.</summary>
    public DrafterInstruments(string model, string drafter)
    {
        _drafts = DraftCounter.WithLabels(model, drafter);
        _tokens = TokenCounter.WithLabels(model, drafter);
        _accepted = AcceptedCounter.WithLabels(model, drafter);
        _seconds = SecondsCounter.WithLabels(model, drafter);
        for (int position = 0; position < _positions.Length; position++)
        {
            _positions[position] = PositionCounter.WithLabels(model, drafter, position.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>A step verified drafts of a sequence.</summary>
    public void Verified(int drafted, int accepted)
    {
        _drafts.Inc();
        _tokens.Inc(drafted);
        _accepted.Inc(accepted);
        for (int position = 0; position < accepted; position++)
        {
            _positions[position].Inc();
        }
    }

    /// <summary>Drafting took so long.</summary>
    public void Took(TimeSpan elapsed) => _seconds.Inc(elapsed.TotalSeconds);
}
