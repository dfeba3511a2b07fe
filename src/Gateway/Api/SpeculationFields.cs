using System.Text.Json;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Api;

/// <summary>Reads the request's <c>speculation</c> object (docs/speculation.md).</summary>
internal static class SpeculationFields
{
    /// <summary>How the request wants to speculate and to have drafts judged; without the object, as the model is set and by the law.</summary>
    public static (SpeculationOptions Options, AcceptanceRule Rule) Read(RequestFields fields)
    {
        if (!fields.TryGet("speculation", out JsonElement value))
        {
            return (SpeculationOptions.Adaptive, AcceptanceRule.Coupled);
        }
        var options = new RequestFields(value, "speculation.");
        DraftShape shape = ReadShape(options);
        var read = new SpeculationOptions
        {
            Drafter = ReadDrafter(options),
            Shape = shape,
            FixedDraftTokens = options.GetInteger("draft_tokens", 0, shape == DraftShape.Tree ? SpeculationOptions.MaxTreeNodes : SpeculationOptions.MaxDraftTokens),
            MostDraftTokens = options.GetInteger("max_tokens", 0, SpeculationOptions.MaxDraftTokens) ?? SpeculationOptions.MaxDraftTokens,
        };
        AcceptanceRule rule = ReadRule(options);
        options.RefuseUnknown();
        return (read, rule);
    }

    private static AcceptanceRule ReadRule(RequestFields options)
    {
        string? rule = options.GetString("rule");
        return rule is null ? AcceptanceRule.Coupled : AcceptanceRules.Find(rule) ?? throw ApiException.Invalid("speculation.rule",
            $"'speculation.rule' is '{rule}'; it must be one of {AcceptanceRules.Listed}. Only '{AcceptanceRules.NameOf(AcceptanceRule.Coupled)}', the default, gives the same tokens as no speculation.");
    }

    private static DraftShape ReadShape(RequestFields options)
    {
        string? name = options.GetString("shape");
        return name switch
        {
            null or "auto" => DraftShape.Auto,
            "chain" => DraftShape.Chain,
            "tree" => DraftShape.Tree,
            _ => throw ApiException.Invalid("speculation.shape", $"'speculation.shape' is '{name}'; it must be one of 'auto', 'chain', 'tree'."),
        };
    }

    private static string? ReadDrafter(RequestFields options)
    {
        string? drafter = options.GetString("drafter");
        return drafter is null || DrafterNames.All.Contains(drafter)
            ? drafter
            : throw ApiException.Invalid("speculation.drafter", $"'speculation.drafter' is '{drafter}'; it must be one of {DrafterNames.Listed}.");
    }
}
