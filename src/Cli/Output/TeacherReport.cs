using System.Globalization;
using System.Text.Json;
using Winnow.Cli.Engine;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Output;

/// <summary>What <c>winnow tokens --teacher-ids</c> prints; the JSON names are documented in docs/cli.md.</summary>
internal sealed record TeacherReport
{
    public required IReadOnlyList<int> PromptIds { get; init; }

    public required IReadOnlyList<int> TeacherIds { get; init; }

    /// <summary>The most likely id at each step.</summary>
    public required IReadOnlyList<int> Ids { get; init; }

    public required string Text { get; init; }

    /// <summary>Steps at which the most likely id is the teacher's.</summary>
    public required int Equal { get; init; }

    /// <summary>Log-probability of the teacher's id at each step.</summary>
    public required IReadOnlyList<double> TeacherLogprobs { get; init; }

    /// <summary>At each step the best tokens as <c>[id, logprob]</c>.</summary>
    public required IReadOnlyList<IReadOnlyList<double[]>> Top { get; init; }

    /// <summary>At each step the best tokens as <c>[id, logit]</c>.</summary>
    public required IReadOnlyList<IReadOnlyList<double[]>> TopLogits { get; init; }

    /// <summary>Puts the report together.</summary>
    public static TeacherReport From(ITokenizer tokenizer, int[] prompt, int[] teacher, IReadOnlyList<TeacherStep> steps)
    {
        int[] ids = [.. steps.Select(step => step.Best)];
        return new TeacherReport
        {
            PromptIds = prompt,
            TeacherIds = teacher,
            Ids = ids,
            Text = tokenizer.Decode(ids, skipSpecial: true),
            Equal = ids.Zip(teacher).Count(pair => pair.First == pair.Second),
            TeacherLogprobs = [.. steps.Select(step => (double)step.Logprobs.Logprob)],
            Top = [.. steps.Select(step => Pairs(step.Logprobs.TopIds, step.Logprobs.TopLogprobs))],
            TopLogits = [.. steps.Select(step => Pairs(step.Logprobs.TopIds, step.TopLogits))],
        };
    }

    /// <summary>Writes it for people or as one JSON object.</summary>
    public void Write(TextWriter output, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(this, CliJson.Relaxed.TeacherReport));
            return;
        }
        CultureInfo culture = CultureInfo.InvariantCulture;
        output.WriteLine($"prompt   {string.Join(' ', PromptIds)}");
        output.WriteLine($"teacher  {string.Join(' ', TeacherIds)}");
        output.WriteLine($"best     {string.Join(' ', Ids)}");
        output.WriteLine($"equal    {Equal} of {TeacherIds.Count}");
        for (int i = 0; i < Top.Count; i++)
        {
            var entries = Top[i].Zip(TopLogits[i], (probable, logit) => string.Create(culture, $"{logit[0]:0}:{logit[1]:0.0000} ({Math.Exp(probable[1]):0.0000})"));
            output.WriteLine($"step {i,-4}{string.Join("  ", entries)}");
        }
    }

    private static double[][] Pairs(IReadOnlyList<int> ids, IReadOnlyList<float> values) => [.. ids.Zip(values, (id, value) => new double[] { id, value })];
}
