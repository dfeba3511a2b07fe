using System.Text.Json;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Api;

/// <summary>Reads the request's <c>speculation</c> object (docs/speculation.md).</summary>
internal static class SpeculationFields
{
    private const string CoupledRule = "coupled";

    /// <summary>How the request wants to speculate; without the object, as the model is set.</summary>
    public static SpeculationOptions Read(RequestFields fields)
    {
        if (!fields.TryGet("speculation", out JsonElement value))
        {
            return SpeculationOptions.Adaptive;
        }
        var options = new RequestFields(value, "speculation.");
        var read = new SpeculationOptions
        {
            Drafter = ReadDrafter(options),
            FixedDraftTokens = options.GetInteger("draft_tokens", 0, SpeculationOptions.MaxDraftTokens),
            MostDraftTokens = options.GetInteger("max_tokens", 0, SpeculationOptions.MaxDraftTokens) ?? SpeculationOptions.MaxDraftTokens,
        };
        if (options.GetString("rule") is { } rule && rule != CoupledRule)
        {
            throw ApiException.Invalid("speculation.rule", $"'speculation.rule' is '{rule}'; the one rule there is, '{CoupledRule}', gives the same tokens as no speculation. Use it or leave 'rule' out.");
        }
        options.RefuseUnknown();
        return read;
    }

    private static string? ReadDrafter(RequestFields options)
    {
        string? drafter = options.GetString("drafter");
        return drafter is null || DrafterNames.All.Contains(drafter)
            ? drafter
            : throw ApiException.Invalid("speculation.drafter", $"'speculation.drafter' is '{drafter}'; it must be one of {DrafterNames.Listed}.");
    }
}
