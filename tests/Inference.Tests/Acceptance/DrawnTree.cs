using Winnow.Inference.Acceptance;
using Winnow.Inference.Drafting;

namespace Winnow.Inference.Tests.Acceptance;

/// <summary>Drafts of one round as a drafter proposes them: tokens, parents and what each was drawn from.</summary>
internal sealed class DrawnTree(Branches branches, Func<int[], DraftLaw?> lawAfter)
{
    private readonly List<int> _tokens = [];
    private readonly List<int> _parents = [];
    private readonly List<DraftLaw?> _laws = [];

    public int[] Tokens => [.. _tokens];

    public int[] Parents => [.. _parents];

    public DraftLaw?[] Laws => [.. _laws];

    /// <summary>In the place of a parent: the last token of the prefix.</summary>
    public int Root => DraftTree.Root;

    /// <summary>Draws independent chains; what they have in common is one node.</summary>
    /// <param name="prefix">Tokens before.</param>
    /// <param name="parent">Index of their parent.</param>
    /// <param name="chains">How many.</param>
    /// <param name="length">Tokens of each.</param>
    public void AddChains(int[] prefix, int parent, int chains, int length)
    {
        if (length == 0)
        {
            return;
        }
        DraftLaw law = lawAfter(prefix)!;
        int[] draws = [.. Enumerable.Range(0, chains).Select(_ => law.Ids[branches.Choose(Odds(law, []))])];
        law = new DraftLaw(law.Ids, law.Probabilities, draws);
        int[] distinct = [.. draws.Distinct()];
        int[] nodes = [.. distinct.Select(token => Add(token, parent, law))];
        for (int i = 0; i < nodes.Length; i++)
        {
            AddChains([.. prefix, distinct[i]], nodes[i], draws.Count(token => token == distinct[i]), length - 1);
        }
    }

    /// <summary>Draws children without replacement, and theirs.</summary>
    /// <param name="prefix">Tokens before.</param>
    /// <param name="parent">Index of their parent.</param>
    /// <param name="widths">Children of a node by depth.</param>
    public void AddChildren(int[] prefix, int parent, ReadOnlySpan<int> widths)
    {
        if (widths.IsEmpty)
        {
            return;
        }
        DraftLaw law = lawAfter(prefix)!;
        List<int> places = [];
        for (int left = Math.Min(widths[0], law.Probabilities.Count(probability => probability > 0)); left > 0; left--)
        {
            places.Add(branches.Choose(Odds(law, places)));
        }
        law = new DraftLaw(law.Ids, law.Probabilities, [.. places.Select(place => law.Ids[place])]);
        int[] nodes = [.. law.Draws.Select(token => Add(token, parent, law))];
        for (int i = 0; i < nodes.Length; i++)
        {
            AddChildren([.. prefix, law.Draws[i]], nodes[i], widths[1..]);
        }
    }

    /// <summary>
    /// Draws whole sequences without replacement and keeps of every level the first nodes that they come to, as stochastic beam search does: a beginning comes when the first
    /// sequence with it does, and which beginnings come next does not depend on what came before.
    /// </summary>
    /// <param name="prefix">Tokens before.</param>
    /// <param name="width">Most nodes of a level.</param>
    /// <param name="depth">Levels.</param>
    public void AddBeam(int[] prefix, int width, int depth)
    {
        List<string>[] levels = new List<string>[depth + 1];
        for (int level = depth; level > 0; level--)
        {
            List<string> drawn = level == depth ? [] : [.. levels[level + 1].Select(sequence => sequence[..level]).Distinct()];
            (string Sequence, double Probability)[] all = [.. Sequences(prefix, level)];
            while (drawn.Count < Math.Min(width, all.Length))
            {
                double[] odds = [.. all.Select(one => drawn.Contains(one.Sequence) ? 0 : one.Probability)];
                drawn.Add(all[branches.Choose([.. odds.Select(value => value / odds.Sum())])].Sequence);
            }
            levels[level] = drawn;
        }
        Dictionary<string, int> nodes = new() { [""] = Root };
        for (int level = 1; level <= depth; level++)
        {
            foreach (IGrouping<string, string> children in levels[level].GroupBy(sequence => sequence[..^1]))
            {
                DraftLaw law = lawAfter([.. prefix, .. Tokens(children.Key)])!;
                law = new DraftLaw(law.Ids, law.Probabilities, [.. children.Select(child => child[^1] - '0')]);
                foreach (string child in children)
                {
                    nodes[child] = Add(child[^1] - '0', nodes[children.Key], law);
                }
            }
        }

        static IEnumerable<int> Tokens(string sequence) => sequence.Select(digit => digit - '0');
    }

    /// <summary>Every sequence that can come after a prefix, as digits, with its probability.</summary>
    public IEnumerable<(string Sequence, double Probability)> Sequences(int[] prefix, int length)
    {
        if (length == 0)
        {
            return [("", 1)];
        }
        DraftLaw law = lawAfter(prefix)!;
        double sum = law.Probabilities.Sum(probability => (double)probability);
        return law.Ids.Zip(law.Probabilities).Where(one => one.Second > 0).SelectMany(one =>
            Sequences([.. prefix, one.First], length - 1).Select(rest => ($"{one.First}{rest.Sequence}", one.Second / sum * rest.Probability)));
    }

    /// <summary>Adds a node.</summary>
    public int Add(int token, int parent, DraftLaw? law)
    {
        _tokens.Add(token);
        _parents.Add(parent);
        _laws.Add(law);
        return _tokens.Count - 1;
    }

    /// <summary>Leaves the first nodes only.</summary>
    public void Cut(int nodes)
    {
        int count = Math.Min(nodes, _tokens.Count);
        _tokens.RemoveRange(count, _tokens.Count - count);
        _parents.RemoveRange(count, _parents.Count - count);
        _laws.RemoveRange(count, _laws.Count - count);
    }

    private static double[] Odds(DraftLaw law, List<int> without)
    {
        double[] odds = [.. law.Probabilities.Select((probability, place) => without.Contains(place) ? 0 : (double)probability)];
        return [.. odds.Select(value => value / odds.Sum())];
    }
}
