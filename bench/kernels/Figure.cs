using System.Text.Json.Serialization;

namespace Winnow.KernelBench;

/// <summary>One line of the table.</summary>
internal sealed record Figure
{
    /// <summary>What was done, with its sizes.</summary>
    public required string What { get; init; }

    /// <summary>Form of the weights or of the KV cache.</summary>
    public required string Form { get; init; }

    /// <summary>Median time of a launch or a step, in microseconds.</summary>
    public required double Micros { get; init; }

    /// <summary>Shortest sample.</summary>
    public required double LeastMicros { get; init; }

    /// <summary>Longest sample.</summary>
    public required double MostMicros { get; init; }

    /// <summary>The speed in <see cref="Unit"/>, from the median time.</summary>
    public required double Value { get; init; }

    /// <summary><c>GB/s</c>, <c>TFLOP/s</c>, <c>tokens/s</c> or <c>x</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>What the goal is a share of: <c>copy</c>, <c>bf16</c>, or <c>one</c> sequence; empty where nothing is compared.</summary>
    public string Of { get; init; } = "";

    /// <summary>The share that was reached; <see langword="null"/> where the ceiling is not known.</summary>
    public double? Share { get; init; }

    /// <summary>The share to reach; <see langword="null"/> where nothing is asked.</summary>
    public double? Goal { get; init; }

    /// <summary>Whether it was reached.</summary>
    public bool? IsReached => Goal is { } goal && Share is { } share ? share >= goal : null;

    /// <summary>A figure from the times of samples.</summary>
    /// <param name="what">What was done.</param>
    /// <param name="form">Form of weights or cache.</param>
    /// <param name="samples">Times, in order.</param>
    /// <param name="work">Bytes or FLOPs of a launch.</param>
    /// <param name="unit"><c>GB/s</c> or <c>TFLOP/s</c>.</param>
    public static Figure From(string what, string form, IReadOnlyList<TimeSpan> samples, double work, string unit)
    {
        double median = samples[samples.Count / 2].TotalMicroseconds;
        return new Figure
        {
            What = what,
            Form = form,
            Micros = median,
            LeastMicros = samples[0].TotalMicroseconds,
            MostMicros = samples[^1].TotalMicroseconds,
            Value = work / median * 1e6 / (unit == "GB/s" ? 1e9 : 1e12),
            Unit = unit,
        };
    }

    /// <summary>The same beside a ceiling.</summary>
    public Figure Under(Ceilings ceilings, double? goal)
    {
        double? ceiling = Unit == "GB/s" ? ceilings.CopyGbPerSecond : ceilings.BrainTflopPerSecond;
        return this with { Of = Unit == "GB/s" ? "copy" : "bf16", Share = Value / ceiling, Goal = goal };
    }
}

/// <summary>What the device can do at most.</summary>
/// <param name="CopyGbPerSecond">What a copy within its memory reads and writes: measured.</param>
/// <param name="BrainTflopPerSecond">Dense products of brain floats; <see langword="null"/> when neither given nor measured.</param>
/// <param name="BrainSource">Where that is from.</param>
internal sealed record Ceilings(
    double CopyGbPerSecond, [property: JsonPropertyName("bf16_tflop_per_second")] double? BrainTflopPerSecond, [property: JsonPropertyName("bf16_source")] string BrainSource);
