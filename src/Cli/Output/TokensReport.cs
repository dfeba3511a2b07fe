using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Winnow.Cli.Engine;
using Winnow.Gateway.Coordination;

namespace Winnow.Cli.Output;

/// <summary>What <c>winnow tokens</c> prints; the JSON names are documented in docs/cli.md.</summary>
internal sealed record TokensReport
{
    public required IReadOnlyList<int> PromptIds { get; init; }

    public required IReadOnlyList<int> Ids { get; init; }

    public required string Text { get; init; }

    public required string FinishReason { get; init; }

    /// <summary>Per position the best tokens as <c>[id, logprob]</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyList<double[]>>? Top { get; init; }

    public required TokensStats Stats { get; init; }

    /// <summary>Puts the report together.</summary>
    public static TokensReport From(LocalEngine engine, int[] promptIds, TokenGeneration run, TimeProvider time)
    {
        double prefillSeconds = time.GetElapsedTime(run.StartedAt, run.FirstAt).TotalSeconds;
        double decodeSeconds = time.GetElapsedTime(run.FirstAt, run.EndedAt).TotalSeconds;
        int decoded = run.Tokens.Count - run.FirstTokens;
        return new TokensReport
        {
            PromptIds = promptIds,
            Ids = run.Tokens,
            Text = engine.Tokenizer.Decode(CollectionsMarshal.AsSpan(run.Tokens), skipSpecial: true),
            FinishReason = run.Finish == Gateway.Coordination.FinishReason.Length ? "length" : "stop",
            Top = run.Logprobs.Count == 0 ? null : [.. run.Logprobs.Select(TopOf)],
            Stats = new TokensStats
            {
                Mode = engine.InProcess ? "in_process" : "processes",
                ProcessIds = engine.ProcessIds,
                Steps = run.Steps,
                Drafted = run.Drafted,
                Accepted = run.Accepted,
                DecodeTokensPerSecond = decodeSeconds > 0 ? decoded / decodeSeconds : 0,
                PrefillTokensPerSecond = prefillSeconds > 0 ? promptIds.Length / prefillSeconds : 0,
            },
        };
    }

    /// <summary>Writes it for people or as one JSON object.</summary>
    public void Write(TextWriter output, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(this, CliJson.Relaxed.TokensReport));
            return;
        }
        CultureInfo culture = CultureInfo.InvariantCulture;
        output.WriteLine($"prompt   {string.Join(' ', PromptIds)}");
        output.WriteLine($"tokens   {string.Join(' ', Ids)}");
        output.WriteLine($"text     {Text}");
        output.WriteLine($"finish   {FinishReason}");
        for (int i = 0; i < Top?.Count; i++)
        {
            output.WriteLine($"top {i,-5}{string.Join("  ", Top[i].Select(entry => string.Create(culture, $"{entry[0]:0}:{entry[1]:0.0000}")))}");
        }
        output.WriteLine(string.Create(culture,
            $"stats    {Stats.Mode}, {Stats.Steps} steps, {Stats.Accepted}/{Stats.Drafted} drafts accepted, prefill {Stats.PrefillTokensPerSecond:0.0} tokens/s, decode {Stats.DecodeTokensPerSecond:0.0} tokens/s"));
    }

    private static IReadOnlyList<double[]> TopOf(Inference.Execution.TokenLogprobs position)
    {
        var entries = new double[position.TopIds.Length][];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = [position.TopIds[i], position.TopLogprobs[i]];
        }
        return entries;
    }
}

/// <summary>How the tokens came about.</summary>
internal sealed record TokensStats
{
    /// <summary><c>in_process</c> or <c>processes</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Process ids of the shards' hosts, in shard order.</summary>
    public required IReadOnlyList<int> ProcessIds { get; init; }

    public required int Steps { get; init; }

    public required int Drafted { get; init; }

    public required int Accepted { get; init; }

    public required double DecodeTokensPerSecond { get; init; }

    public required double PrefillTokensPerSecond { get; init; }
}
