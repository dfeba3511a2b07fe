using System.CommandLine;
using System.Globalization;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;

namespace Winnow.Cli.Commands;

/// <summary>The flags with which commands say how to sample and speculate.</summary>
internal sealed class SamplingOptions
{
    private readonly Option<bool> _greedy = new("--greedy") { Description = "Always take the most likely token (temperature 0). The default unless --temperature or --seed is given." };
    private readonly Option<ulong?> _seed = CommandOptions.UnsignedInteger("--seed", "Seed of the noise; equal seeds give equal tokens. Default 0.");
    private readonly Option<float?> _temperature = CommandOptions.Number("--temperature", "Softmax temperature; 0 is greedy.", 0, 2);
    private readonly Option<int?> _topK = CommandOptions.Integer("--top-k", "Keep the K most likely tokens; 0 is off.", 0, int.MaxValue);
    private readonly Option<float?> _topP = CommandOptions.Number("--top-p", "Keep the smallest set of tokens that reaches this probability; 1 is off.", 0, 1);
    private readonly Option<float?> _minP = CommandOptions.Number("--min-p", "Keep tokens with at least this fraction of the best one's probability; 0 is off.", 0, 1);
    private readonly Option<float?> _repetition = CommandOptions.Number("--repetition-penalty", "Penalty on tokens seen before; 1 is off.", 0.01f, 10);
    private readonly Option<int?> _draftTokens = CommandOptions.Integer("--draft-tokens", "Draft tokens per step, nodes of a tree with --draft-shape tree; 0 switches speculation off. Default: chosen from the acceptance so far.", 0, SpeculationOptions.MaxTreeNodes);
    private readonly Option<DraftShape> _shape = new("--draft-shape") { Description = "chain, tree, or auto: whichever is expected to gain more. Default: auto." };
    // These commands have no grammar that could leave no choice.
    private static readonly string[] Drafters = [.. DrafterNames.All.Where(name => name != DrafterNames.Forced)];

    private readonly Option<string?> _drafter = new("--drafter") { Description = $"Who drafts: {string.Join(", ", Drafters)}. Default: as the model is set, which is {DrafterNames.Auto}." };

    private readonly Option<string?> _rule = new("--rule") { Description = $"How drafts are judged: {AcceptanceRules.Listed}. Default: coupled, the one whose tokens do not depend on drafts." };

    public void AddTo(Command command)
    {
        command.Options.Add(_greedy);
        command.Options.Add(_seed);
        command.Options.Add(_temperature);
        command.Options.Add(_topK);
        command.Options.Add(_topP);
        command.Options.Add(_minP);
        command.Options.Add(_repetition);
        command.Options.Add(_draftTokens);
        command.Options.Add(_shape);
        _drafter.AcceptOnlyFromAmong(Drafters);
        command.Options.Add(_drafter);
        _rule.AcceptOnlyFromAmong([.. Enum.GetValues<AcceptanceRule>().Select(AcceptanceRules.NameOf)]);
        command.Options.Add(_rule);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_draftTokens) is { Tokens: [{ Value: var number }] } && int.TryParse(number, CultureInfo.InvariantCulture, out int tokens)
                && tokens > SpeculationOptions.MaxDraftTokens && result.GetResult(_shape) is not { Tokens: [{ Value: "tree" or "Tree" }] })
            {
                result.AddError($"--draft-tokens '{tokens}' is longer than a chain may be ({SpeculationOptions.MaxDraftTokens}); give --draft-shape tree, or fewer.");
            }
            // The text and not the value, which throws when it is not a number; that is an error of its own.
            if (result.GetResult(_greedy) is { Implicit: false }
                && result.GetResult(_temperature) is { Tokens: [{ Value: var text }] }
                && float.TryParse(text, CultureInfo.InvariantCulture, out float temperature) && temperature > 0)
            {
                result.AddError("--greedy and --temperature exclude each other; give one of them.");
            }
        });
    }

    /// <summary>Sampling that the flags ask for.</summary>
    public SamplingParameters ReadSampling(ParseResult parsed)
    {
        bool sampled = !parsed.GetValue(_greedy) && (parsed.GetValue(_temperature) is not null || parsed.GetValue(_seed) is not null);
        return new SamplingParameters
        {
            Temperature = sampled ? parsed.GetValue(_temperature) ?? 1 : 0,
            Seed = parsed.GetValue(_seed) ?? 0,
            TopK = parsed.GetValue(_topK) ?? 0,
            TopP = parsed.GetValue(_topP) ?? 1,
            MinP = parsed.GetValue(_minP) ?? 0,
            RepetitionPenalty = parsed.GetValue(_repetition) ?? 1,
            Rule = parsed.GetValue(_rule) is { } rule ? AcceptanceRules.Find(rule)!.Value : AcceptanceRule.Coupled,
        };
    }

    /// <summary>Speculation that the flags ask for.</summary>
    public SpeculationOptions ReadSpeculation(ParseResult parsed) => new()
    {
        FixedDraftTokens = parsed.GetValue(_draftTokens),
        Drafter = parsed.GetValue(_drafter),
        Shape = parsed.GetValue(_shape),
    };
}
