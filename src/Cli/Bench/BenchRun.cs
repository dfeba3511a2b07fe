using Winnow.Cli.Engine;

namespace Winnow.Cli.Bench;

/// <summary>Figures of one run of a batch.</summary>
/// <param name="PrefillTokensPerSecond">Prompt tokens over the time until the last sequence had its first token.</param>
/// <param name="DecodeTokensPerSecond">Tokens after that over the time they took.</param>
/// <param name="TokensPerSecond">All generated tokens over all of the time, prompts and waiting included.</param>
/// <param name="TimeToFirstTokenMs">Median over the sequences.</param>
/// <param name="AcceptLength">Tokens per target step and sequence.</param>
/// <param name="Acceptance">Accepted over drafted.</param>
internal sealed record BenchRun(double PrefillTokensPerSecond, double DecodeTokensPerSecond, double TokensPerSecond, double TimeToFirstTokenMs, double AcceptLength, double Acceptance)
{
    /// <summary>Works the figures out of the sequences that ran together.</summary>
    /// <param name="promptTokens">Prompt tokens of all sequences.</param>
    /// <param name="sequences">The sequences.</param>
    /// <param name="time">Clock of the timestamps.</param>
    public static BenchRun From(int promptTokens, IReadOnlyList<TokenGeneration> sequences, TimeProvider time)
    {
        long start = sequences.Min(sequence => sequence.StartedAt);
        long prefilled = sequences.Max(sequence => sequence.FirstAt);
        long end = sequences.Max(sequence => sequence.EndedAt);
        int steps = sequences.Sum(sequence => sequence.Steps);
        int drafted = sequences.Sum(sequence => sequence.Drafted);
        int accepted = sequences.Sum(sequence => sequence.Accepted);
        int decoded = sequences.Sum(sequence => sequence.Events.Where(step => step.At > prefilled).Sum(step => step.Tokens));
        double decodeSeconds = time.GetElapsedTime(prefilled, end).TotalSeconds;
        return new BenchRun(
            promptTokens / time.GetElapsedTime(start, prefilled).TotalSeconds,
            decodeSeconds > 0 ? decoded / decodeSeconds : 0,
            sequences.Sum(sequence => sequence.Tokens.Count) / time.GetElapsedTime(start, end).TotalSeconds,
            Median([.. sequences.Select(sequence => time.GetElapsedTime(sequence.StartedAt, sequence.FirstAt).TotalMilliseconds)]),
            (double)(accepted + steps) / steps,
            drafted > 0 ? (double)accepted / drafted : 0);
    }

    /// <summary>The median; the mean of the middle two for an even count.</summary>
    public static double Median(double[] values)
    {
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
