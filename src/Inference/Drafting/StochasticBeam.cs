using System.Runtime.InteropServices;
using Winnow.Inference.Acceptance;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>
/// Draws sequences without replacement, a token at a time: of every level of a tree the nodes with the largest perturbed log-probabilities of their whole path are kept
/// (stochastic beam search, Kool et al., arXiv 1903.06059; RSD-S of arXiv 2402.14160). Buffers are reused.
/// </summary>
/// <remarks>
/// A node's perturbed log-probability is the largest of all sequences' below it, so that the children's noise is drawn under the condition that their largest is the
/// node's. Which of a node's children is largest is independent of how large it is; hence a node's drafts, in their order, are draws without replacement from its
/// distribution whatever the beam cut off, and recursive rejection keeps the target's law.
/// </remarks>
internal sealed class StochasticBeam
{
    private readonly List<(double Log, double Perturbed)> _nodes = [];
    private readonly List<Child> _children = [];
    private readonly List<(int[] Ids, float[] Probabilities)> _laws = [];
    private readonly List<int> _draws = [];

    /// <summary>Children are waiting for <see cref="Grow"/>.</summary>
    public bool HasChildren => _children.Count > 0;

    /// <summary>Begins a tree.</summary>
    public void Clear()
    {
        _nodes.Clear();
        _children.Clear();
        _laws.Clear();
    }

    /// <summary>Perturbs the children of a node.</summary>
    /// <param name="parent">Index of the node, or <see cref="DraftTree.Root"/>.</param>
    /// <param name="ids">Tokens to draw from, ascending.</param>
    /// <param name="probabilities">Their probabilities.</param>
    /// <param name="noise">Noise that no other node has.</param>
    public void Perturb(int parent, int[] ids, float[] probabilities, in GumbelNoise noise)
    {
        double above = parent < 0 ? 0 : _nodes[parent].Log;
        int first = _children.Count;
        double largest = double.NegativeInfinity;
        for (int i = 0; i < ids.Length; i++)
        {
            if (probabilities[i] > 0)
            {
                double log = above + Math.Log(probabilities[i]);
                double sum = log + noise.Of(ids[i]);
                largest = Math.Max(largest, sum);
                _children.Add(new Child(parent, _laws.Count, ids[i], probabilities[i], log, sum));
            }
        }
        _laws.Add((ids, probabilities));
        double own = parent < 0 ? largest : _nodes[parent].Perturbed;
        for (int i = first; i < _children.Count; i++)
        {
            double distance = Math.Exp(largest - own) + (Math.Exp(largest - _children[i].Perturbed) - 1);
            _children[i] = _children[i] with { Perturbed = largest - Math.Log(distance) };
        }
    }

    /// <summary>A level is complete: adds the best of it to a tree.</summary>
    /// <param name="width">Most nodes of a level.</param>
    /// <param name="tree">Gets them, the best first.</param>
    public void Grow(int width, TreeSearch tree)
    {
        _children.Sort(static (a, b) => b.Perturbed.CompareTo(a.Perturbed) is not 0 and int order ? order : (a.Parent, a.Token).CompareTo((b.Parent, b.Token)));
        Span<Child> best = CollectionsMarshal.AsSpan(_children)[..Math.Min(width, _children.Count)];
        var laws = new DraftLaw?[_laws.Count];
        foreach (Child child in best)
        {
            laws[child.Law] ??= new DraftLaw(_laws[child.Law].Ids, _laws[child.Law].Probabilities, DrawsOf(child.Law, best));
            tree.AddDrawn(child.Parent, child.Token, child.Chance, laws[child.Law]!);
            _nodes.Add((child.Log, child.Perturbed));
        }
        _children.Clear();
        _laws.Clear();
    }

    private int[] DrawsOf(int law, ReadOnlySpan<Child> children)
    {
        _draws.Clear();
        foreach (Child child in children)
        {
            if (child.Law == law)
            {
                _draws.Add(child.Token);
            }
        }
        return [.. _draws];
    }

    /// <summary>A child that may be kept.</summary>
    /// <param name="Parent">Index of its parent.</param>
    /// <param name="Law">Index of what it is drawn from.</param>
    /// <param name="Token">Its token.</param>
    /// <param name="Chance">Its probability after its parent.</param>
    /// <param name="Log">Logarithm of its path's probability.</param>
    /// <param name="Perturbed">The same with noise.</param>
    private readonly record struct Child(int Parent, int Law, int Token, float Chance, double Log, double Perturbed);
}
