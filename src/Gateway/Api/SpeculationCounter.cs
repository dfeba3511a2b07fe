using Winnow.Gateway.Coordination;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Api;

/// <summary>Adds up what speculation did for a request.</summary>
/// <param name="rule">How its drafts are judged.</param>
internal sealed class SpeculationCounter(AcceptanceRule rule)
{
    private readonly int[] _draftedAt = new int[SpeculationOptions.MaxDraftTokens];
    private readonly int[] _acceptedAt = new int[SpeculationOptions.MaxDraftTokens];
    private readonly SortedDictionary<string, (int Steps, int Drafted, int Accepted)> _drafters = new(StringComparer.Ordinal);
    private int _steps;
    private int _drafted;
    private int _accepted;

    /// <summary>A step of a choice ended.</summary>
    /// <param name="drafter">Who drafted, or <see langword="null"/>.</param>
    /// <param name="drafted">Draft tokens verified.</param>
    /// <param name="accepted">Those accepted.</param>
    /// <param name="depth">Those on the way from the root to the deepest leaf: all of a chain.</param>
    public void Add(string? drafter, int drafted, int accepted, int depth)
    {
        _steps++;
        _drafted += drafted;
        _accepted += accepted;
        for (int i = 0; i < Math.Min(depth, _draftedAt.Length); i++)
        {
            _draftedAt[i]++;
            _acceptedAt[i] += i < accepted ? 1 : 0;
        }
        if (drafter is not null)
        {
            (int steps, int before, int kept) = _drafters.GetValueOrDefault(drafter);
            _drafters[drafter] = (steps + 1, before + drafted, kept + accepted);
        }
    }

    /// <summary>The sums so far.</summary>
    public SpeculationUsage ToUsage()
    {
        int positions = _draftedAt.AsSpan().IndexOf(0);
        var byPosition = new double[positions < 0 ? _draftedAt.Length : positions];
        for (int i = 0; i < byPosition.Length; i++)
        {
            byPosition[i] = Rounded(_acceptedAt[i], _draftedAt[i]);
        }
        return new SpeculationUsage
        {
            Rule = AcceptanceRules.NameOf(rule),
            Lossy = AcceptanceRules.IsLossy(rule) ? true : null,
            Steps = _steps,
            Drafted = _drafted,
            Accepted = _accepted,
            MeanAcceptLength = Rounded(_accepted + _steps, _steps),
            AcceptanceByPosition = byPosition,
            Drafters = _drafters.ToDictionary(
                entry => entry.Key,
                entry => new DrafterUsage(entry.Value.Steps, entry.Value.Drafted, entry.Value.Accepted, Rounded(entry.Value.Drafted, _drafted))),
        };
    }

    private static double Rounded(int part, int whole) => whole == 0 ? 0 : Math.Round((double)part / whole, 4);
}
