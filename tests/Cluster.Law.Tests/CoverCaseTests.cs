using Winnow.Cluster.Law.Tests.Support;

namespace Winnow.Cluster.Law.Tests;

/// <summary>The cases are what they say they are: a pairwise cover, and few.</summary>
public sealed class CoverCaseTests
{
    private const int MostCases = 40;
    private const int DraftLengthFactor = 0;
    private const int DrafterFactor = 5;

    private static readonly string[][] Factors =
    [
        [.. Enumerable.Range(0, 9).Select(length => $"draft length {length}"), "adaptive draft length"],
        ["1 shards", "2 shards", "3 shards"],
        ["together", "alone"],
        ["chunks of 7", "chunks of 16", "chunks of 64", "chunks of 512"],
        ["cached", "uncached"],
        [.. Enum.GetNames<Hostility>().Select(name => $"drafter {name}")],
    ];

    [Fact]
    public void All_Always_HoldsEveryPairInAtMostFortyCases()
    {
        var missing = new List<string>();
        for (int a = 0; a < Factors.Length; a++)
        {
            for (int b = a + 1; b < Factors.Length; b++)
            {
                // Ten draft lengths with six drafters are more pairs than there may be cases.
                bool anyHostile = (a, b) == (DraftLengthFactor, DrafterFactor);
                missing.AddRange(
                    from first in Factors[a]
                    from second in Factors[b]
                    where !CoverCase.All.Any(c => c.Values.Contains(first) && (c.Values.Contains(second) || (anyHostile && c.IsHostile && second != "drafter Real")))
                    select $"{first} with {second}");
            }
        }

        Assert.Empty(missing);
        Assert.InRange(CoverCase.All.Count, 1, MostCases);
    }
}
