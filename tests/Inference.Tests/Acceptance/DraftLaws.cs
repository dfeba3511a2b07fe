using System.Runtime.InteropServices;
using Winnow.Inference.Acceptance;
using Winnow.Inference.Cache;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Acceptance;

/// <summary>Distributions for drafts to be drawn from, by name.</summary>
internal static class DraftLaws
{
    public static readonly string[] Names = ["random", "truncated", "one-hot", "target", "elsewhere", "flat"];

    /// <summary>The distribution of a name after a prefix.</summary>
    public static Func<int[], DraftLaw> Named(string name, SamplingParameters sampling)
    {
        Dictionary<string, DraftLaw> laws = [];
        return prefix => CollectionsMarshal.GetValueRefOrAddDefault(laws, string.Join(' ', prefix), out _) ??= After(prefix, name, sampling);
    }

    private static DraftLaw After(int[] prefix, string name, SamplingParameters sampling)
    {
        Random random = new((int)PrefixHash.Of(prefix) ^ name.Length);
        double[] weights = [.. Enumerable.Range(0, ExactLaw.Vocabulary).Select(_ => Math.Pow(random.NextDouble(), 2))];
        double[] target = ExactLaw.TargetAfter(prefix, sampling);
        return Of(name switch
        {
            "truncated" => [.. weights.Select((weight, id) => id == prefix[^1] || id == prefix[0] ? weight : 0)],
            "one-hot" => [.. weights.Select((_, id) => id == prefix.Length % ExactLaw.Vocabulary ? 1.0 : 0)],
            "target" => target,
            // Likely where the target is not, and never its likeliest token.
            "elsewhere" => [.. target.Select(p => p == target.Max() ? 0 : 1 - p)],
            "flat" => [.. target.Select(_ => 1.0)],
            _ => weights,
        });
    }

    /// <summary>Weights as a distribution over all tokens, those of weight 0 left out.</summary>
    public static DraftLaw Of(double[] weights)
    {
        int[] ids = [.. Enumerable.Range(0, weights.Length).Where(id => weights[id] > 0)];
        return new DraftLaw(ids, [.. ids.Select(id => (float)(weights[id] / weights.Sum()))], []);
    }
}
