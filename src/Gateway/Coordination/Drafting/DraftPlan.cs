namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>How much to draft: a chain, or a tree.</summary>
/// <param name="Length">Tokens of the chain, or on the way from the tree's root to a leaf; 0 for nothing.</param>
/// <param name="Nodes">Nodes of the tree; 0 for a chain.</param>
internal readonly record struct DraftPlan(int Length, int Nodes)
{
    /// <summary>Sizes of trees that are weighed against each other.</summary>
    private static readonly int[] TreeSizes = [4, 8, 16, 32, 64];

    /// <summary>It is a tree.</summary>
    public bool IsTree => Nodes > 0;

    /// <summary>Most children of a node of a tree of so many nodes, which is also how many nodes of a level are grown further.</summary>
    public static int WidthOf(int nodes) => Math.Clamp((int)Math.Ceiling(Math.Sqrt(nodes)), 2, 8);

    /// <summary>Rows that the draft model computes for a tree.</summary>
    public static int RowsOf(int nodes, int depth) => 1 + (WidthOf(nodes) * Math.Max(0, depth - 1));

    /// <summary>Everything to choose from: nothing, chains from 1 token on, then trees.</summary>
    /// <param name="longest">Longest chain, and deepest tree.</param>
    /// <param name="mostNodes">Largest tree.</param>
    public static DraftPlan[] All(int longest, int mostNodes) =>
    [
        .. Enumerable.Range(0, longest + 1).Select(length => new DraftPlan(length, 0)),
        .. TreeSizes.Where(nodes => nodes <= mostNodes && longest > 0).Select(nodes => new DraftPlan(Math.Min(longest, nodes), nodes)),
    ];
}
