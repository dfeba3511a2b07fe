using System.Globalization;
using System.Text.Json;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Output;

/// <summary>What <c>winnow tokens --compare</c> prints; the JSON names are documented in docs/cli.md.</summary>
internal sealed record ComparisonReport
{
    public required IReadOnlyList<int> PromptIds { get; init; }

    /// <summary>What the reference decoded.</summary>
    public required IReadOnlyList<int> Ids { get; init; }

    public required string Text { get; init; }

    /// <summary>Devices of the reference's shards.</summary>
    public required string Reference { get; init; }

    /// <summary>Devices of the shards that are compared with it.</summary>
    public required string Device { get; init; }

    /// <summary>Largest distance of two logits that is a near-tie.</summary>
    public required float NearTieGap { get; init; }

    /// <summary>Steps at which both choose the same id.</summary>
    public required int Equal { get; init; }

    /// <summary>Steps at which they do not, and the reference finds both ids nearly as likely.</summary>
    public required int NearTies { get; init; }

    /// <summary>Steps at which they do not, and it does not.</summary>
    public required int Differences { get; init; }

    /// <summary>Steps at which the reference's two best logits are that near: where a near-tie could be.</summary>
    public required int CloseSteps { get; init; }

    /// <summary>The largest distance of two logits of one id, over all steps.</summary>
    public required float LargestLogitDifference { get; init; }

    /// <summary>The steps at which they choose different ids.</summary>
    public required IReadOnlyList<ComparedStep> Unequal { get; init; }

    /// <summary>Puts the report together.</summary>
    public static ComparisonReport From(
        ITokenizer tokenizer, int[] prompt, IReadOnlyList<ComparedStep> steps, string reference, string device, float nearTie)
    {
        int[] ids = [.. steps.Select(step => step.Id)];
        return new ComparisonReport
        {
            PromptIds = prompt,
            Ids = ids,
            Text = tokenizer.Decode(ids, skipSpecial: true),
            Reference = reference,
            Device = device,
            NearTieGap = nearTie,
            Equal = steps.Count(step => step.IsEqual),
            NearTies = steps.Count(step => step.NearTie),
            Differences = steps.Count(step => !step.IsEqual && !step.NearTie),
            CloseSteps = steps.Count(step => step.Margin <= nearTie),
            LargestLogitDifference = steps.Max(step => step.LargestDifference),
            Unequal = [.. steps.Where(step => !step.IsEqual)],
        };
    }

    /// <summary>Writes it for people or as one JSON object.</summary>
    public void Write(TextWriter output, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(this, CliJson.Relaxed.ComparisonReport));
            return;
        }
        CultureInfo culture = CultureInfo.InvariantCulture;
        output.WriteLine(string.Create(culture, $"{Device} beside {Reference}, {Ids.Count} greedy tokens: {Equal} equal, {NearTies} near-ties, {Differences} differences"));
        output.WriteLine(string.Create(culture,
            $"near-tie: logits at most {NearTieGap} apart, as at {CloseSteps} steps; logits of one id are at most {LargestLogitDifference:0.000000} apart"));
        output.WriteLine($"ids      {string.Join(' ', Ids)}");
        foreach (ComparedStep step in Unequal)
        {
            output.WriteLine(string.Create(culture,
                $"step {step.Step,-4}{step.Id} there, {step.DeviceId} here; {step.Gap:0.0000} apart there, {step.DeviceGap:0.0000} here{(step.NearTie ? ", a near-tie" : "")}"));
        }
    }
}
