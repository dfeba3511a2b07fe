using System.Globalization;
using Orleans;

namespace Winnow.Contracts.Grains;

/// <summary>How much of what is needed of a model has been fetched from its server.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.FetchState")]
public sealed record FetchState
{
    private const double Mebibyte = 1 << 20;

    /// <summary>Bytes that are there.</summary>
    [Id(0)] public required long FetchedBytes { get; init; }

    /// <summary>Bytes needed.</summary>
    [Id(1)] public required long NeededBytes { get; init; }

    /// <summary>Bytes per second since the fetch began.</summary>
    [Id(2)] public required long BytesPerSecond { get; init; }

    /// <summary>Several together, or <see langword="null"/> when none of them fetches.</summary>
    public static FetchState? Sum(IEnumerable<FetchState?> states)
    {
        FetchState[] all = [.. states.OfType<FetchState>()];
        return all.Length == 0 ? null : new FetchState
        {
            FetchedBytes = all.Sum(state => state.FetchedBytes),
            NeededBytes = all.Sum(state => state.NeededBytes),
            BytesPerSecond = all.Sum(state => state.BytesPerSecond),
        };
    }

    /// <summary>One sentence for people.</summary>
    public string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"Fetched {FetchedBytes / Mebibyte:0.0} of {NeededBytes / Mebibyte:0.0} MiB, {BytesPerSecond / Mebibyte:0.0} MiB/s.");
}
