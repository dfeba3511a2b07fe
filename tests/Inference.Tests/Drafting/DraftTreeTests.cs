using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Drafting;

namespace Winnow.Inference.Tests.Drafting;

/// <summary>The tree against plain lists, over arbitrary and mostly malformed input.</summary>
public sealed class DraftTreeTests
{
    private const int Vocabulary = 5;
    private static readonly DraftRoom Room = new(12, 4, 3, Vocabulary);

    [Fact]
    public void TryAdd_AnyNodes_KeepsThoseThatAreWellFormed()
        => Prop.ForAll<(int Token, int Parent)[]>(nodes =>
        {
            var sut = new DraftTree(16);
            sut.Begin(Room);
            List<(int Token, int Parent)> kept = [];
            foreach ((int token, int parent) in nodes)
            {
                bool isGood = IsGood(kept, token % 7, parent % 9);
                if (sut.TryAdd(token % 7, parent % 9) != isGood)
                {
                    return false;
                }
                if (isGood)
                {
                    kept.Add((token % 7, parent % 9));
                }
            }
            return sut.Tokens.SequenceEqual(kept.Select(node => node.Token).ToArray())
                && sut.Parents.SequenceEqual(kept.Select(node => node.Parent).ToArray())
                && sut.Depths.SequenceEqual(Enumerable.Range(0, kept.Count).Select(i => Path(kept, i).Count - 1).ToArray())
                && sut.ChainLength == MainChain(kept)
                && sut.IsChain == kept.Select((node, i) => node.Parent == i - 1).All(follows => follows);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Cut_AnyTree_LeavesTheLongestBeginningThatFits()
        => Prop.ForAll<int[], (int, int, int)>((seeds, limits) =>
        {
            (int nodes, int chain, int others) = (Math.Abs(limits.Item1 % 14), Math.Abs(limits.Item2 % 5), Math.Abs(limits.Item3 % 8));
            DraftTree sut = Of(seeds);
            List<(int, int)> all = [.. Enumerable.Range(0, sut.Count).Select(i => (sut.Tokens[i], sut.Parents[i]))];
            int longest = Enumerable.Range(0, all.Count + 1).Last(count =>
                count <= nodes && MainChain(all[..count]) <= chain && count - MainChain(all[..count]) <= others);
            sut.Cut(nodes, chain, others);
            return sut.Count == longest && sut.ChainLength == MainChain(all[..longest]);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Follow_AnyTreeAndText_GoesAsFarAsAPathDoes()
        => Prop.ForAll<int[], int[]>((seeds, numbers) =>
        {
            DraftTree sut = Of(seeds);
            int[] drawn = [.. numbers.Select(number => Math.Abs(number % Vocabulary))];
            List<(int Token, int Parent)> all = [.. Enumerable.Range(0, sut.Count).Select(i => (sut.Tokens[i], sut.Parents[i]))];
            int expected = Enumerable.Range(0, all.Count)
                .Select(i => Path(all, i))
                .Where(path => path.Count <= drawn.Length && path.SequenceEqual(drawn[..path.Count]))
                .Select(path => path.Count).DefaultIfEmpty(0).Max();
            int length = sut.Follow(drawn, out int node);
            return length == expected && (node < 0 ? length == 0 : Path(all, node).SequenceEqual(drawn[..length]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Take_ParentsOfAnotherNumber_TakesNothing()
    {
        var sut = new DraftTree(16);
        sut.Begin(Room);
        sut.Take([1, 2, 3], [-1, 0], []);
        Assert.Equal(0, sut.Count);
    }

    [Fact]
    public void Take_RoomForAChain_EndsAtTheFirstBranch()
    {
        var sut = new DraftTree(16);
        sut.Begin(DraftRoom.ForChain(8, Vocabulary));
        sut.Take([1, 2, 3, 4], [-1, 0, 0, 1], [0.5f, 2]);
        Assert.Equal([1, 2], sut.Tokens.ToArray());
        Assert.Equal([0.5f, float.NaN], sut.Chances.ToArray());
    }

    [Fact]
    public void CopyFrom_ATree_IsEqual()
    {
        DraftTree tree = Of([4, 7, 1, 9, 3, 3, 8, 2]);
        var sut = new DraftTree(16);
        sut.CopyFrom(tree);
        Assert.True(sut.Count > 3);
        Assert.Equal(tree.Tokens.ToArray(), sut.Tokens.ToArray());
        Assert.Equal(tree.Parents.ToArray(), sut.Parents.ToArray());
        Assert.Equal(tree.ChainLength, sut.ChainLength);
    }

    private static DraftTree Of(int[] seeds)
    {
        var tree = new DraftTree(16);
        tree.Begin(Room);
        foreach (int seed in seeds)
        {
            tree.TryAdd(Math.Abs(seed % Vocabulary), (Math.Abs(seed / Vocabulary % 31) % (tree.Count + 1)) - 1);
        }
        return tree;
    }

    private static bool IsGood(List<(int Token, int Parent)> kept, int token, int parent) =>
        token is >= 0 and < Vocabulary && parent >= -1 && parent < kept.Count && kept.Count < Room.Nodes
        && Path(kept, parent).Count < Room.Depth
        && kept.Count(node => node.Parent == parent) < Room.Width && !kept.Contains((token, parent));

    private static List<int> Path(List<(int Token, int Parent)> nodes, int node) =>
        node < 0 ? [] : [.. Path(nodes, nodes[node].Parent), nodes[node].Token];

    private static int MainChain(List<(int Token, int Parent)> nodes)
    {
        int length = 0;
        for (int tip = -1; nodes.FindIndex(node => node.Parent == tip) is >= 0 and int child; tip = child)
        {
            length++;
        }
        return length;
    }
}
