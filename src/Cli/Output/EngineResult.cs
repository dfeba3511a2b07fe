using System.Text.Json.Serialization;
using Winnow.Inference.Files;

namespace Winnow.Cli.Output;

/// <summary>Speed of one kind of work.</summary>
internal sealed record EngineResult
{
    private const double Giga = 1e9;

    /// <summary><c>decode</c>, <c>prefill</c> or <c>verify</c>.</summary>
    public required string Work { get; init; }

    /// <summary>Sequences of a decode, tokens of a prompt, rows of a block.</summary>
    public required int Count { get; init; }

    /// <summary>Tokens that came before, for each sequence.</summary>
    public required int Depth { get; init; }

    /// <summary>Median of the samples.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Tokens of all sequences per second, a number for each run.</summary>
    public required IReadOnlyList<double> Samples { get; init; }

    /// <summary>Median time of a step; of a prompt that of all its steps.</summary>
    public required double StepMs { get; init; }

    /// <summary>Where a step's time goes, from one more run; <see langword="null"/> unless asked for.</summary>
    public IReadOnlyList<OperationTime>? Operations { get; init; }

    /// <summary>Weights, keys and values that a step reads, each once; <see langword="null"/> unless asked for or not known.</summary>
    public double? BytesPerStep { get; init; }

    /// <summary>Those bytes over the median time.</summary>
    public double? GbPerSecond => BytesPerStep is { } bytes ? Math.Round(bytes / StepMs * 1000 / Giga, 2) : null;

    /// <summary>Bytes that the device sent to the host in a step (of a prompt in all of its steps); <see langword="null"/> where there is one memory.</summary>
    public double? HostBytesPerStep { get; init; }

    /// <summary>Multiply-adds over the median time.</summary>
    public double? GmacPerSecond => Operations is null ? null : Math.Round(Operations.Sum(operation => (double)operation.MultiplyAdds) / StepMs * 1000 / Giga, 2);

    /// <summary>Time that reading everything once would take, over the median time.</summary>
    public double? MemoryFraction { get; init; }

    /// <summary>Tokens per second over those of one sequence; <see langword="null"/> where that was not measured.</summary>
    public double? OverOne { get; init; }

    /// <summary>Time that the products would take at the speed their kernels have in the cache, over the median time.</summary>
    public double? KernelFraction { get; init; }

    /// <summary>The types whose kernels were used.</summary>
    [JsonIgnore]
    public IEnumerable<GgmlType> Types => (Operations ?? []).Where(operation => operation.MultiplyAdds > 0).Select(operation => operation.Kernel);

    /// <summary>The same with the fractions of the machine's limits.</summary>
    public EngineResult Under(RooflineReport roofline)
    {
        double? kernels = Operations?.Where(operation => operation.MultiplyAdds > 0)
            .Sum(operation => operation.MultiplyAdds / (roofline.PeakGmacPerSecond[operation.Kernel.ToString()] * Giga));
        return this with
        {
            MemoryFraction = GbPerSecond is { } read ? Math.Round(read / roofline.ReadGbPerSecond, 4) : null,
            KernelFraction = kernels is { } seconds ? Math.Round(seconds * 1000 / StepMs, 4) : null,
        };
    }

    /// <summary>The same beside one sequence of the same work, if that is among the results.</summary>
    public EngineResult BesideOne(IReadOnlyList<EngineResult> results)
    {
        EngineResult? one = Work == "decode" && Count > 1 ? results.FirstOrDefault(other => other is { Work: "decode", Count: 1 }) : null;
        return one is null ? this : this with { OverOne = Math.Round(TokensPerSecond / one.TokensPerSecond, 3) };
    }
}
