namespace Winnow.Inference.Execution;

/// <summary>
/// The draft nodes that a slot ran in its last step, kept until its next step says which of them stay. Buffers are reused.
/// </summary>
internal sealed class DraftRecord
{
    private readonly List<Node> _nodes = [];

    /// <summary>Index of the first node in the step's tokens: the step's known count.</summary>
    public int FirstIndex { get; private set; }

    /// <summary>Absolute position of a node of depth 0: tokens before the drafts.</summary>
    public int FirstPosition { get; private set; }

    /// <summary>Nodes that hold a scratch row.</summary>
    public int ScratchCount { get; private set; }

    /// <summary>Begins the record of a step.</summary>
    public void Begin(int firstIndex, int firstPosition)
    {
        _nodes.Clear();
        FirstIndex = firstIndex;
        FirstPosition = firstPosition;
        ScratchCount = 0;
    }

    /// <summary>Adds the next node.</summary>
    /// <param name="token">Token id.</param>
    /// <param name="parent">Index into the step's tokens.</param>
    /// <param name="scratchRow">Physical KV row when it is off the main chain, otherwise -1.</param>
    public void Add(int token, int parent, int scratchRow)
    {
        _nodes.Add(new Node(token, parent, scratchRow));
        ScratchCount += scratchRow >= 0 ? 1 : 0;
    }

    /// <summary>Whether <paramref name="path"/> leads from the last known token down the tree.</summary>
    public bool IsPath(ReadOnlySpan<int> path)
    {
        int parent = FirstIndex - 1;
        foreach (int index in path)
        {
            int node = index - FirstIndex;
            if (node < 0 || node >= _nodes.Count || _nodes[node].Parent != parent)
            {
                return false;
            }
            parent = index;
        }
        return true;
    }

    /// <summary>Token of the node at an index into the step's tokens.</summary>
    public int Token(int index) => _nodes[index - FirstIndex].Token;

    /// <summary>Scratch row of the node at an index into the step's tokens, or -1.</summary>
    public int ScratchRow(int index) => _nodes[index - FirstIndex].ScratchRow;

    /// <summary>Forgets the nodes and gives their scratch rows back.</summary>
    public void Release(ScratchRows scratch)
    {
        foreach (Node node in _nodes)
        {
            if (node.ScratchRow >= 0)
            {
                scratch.Return(node.ScratchRow);
            }
        }
        Begin(0, 0);
    }

    private readonly record struct Node(int Token, int Parent, int ScratchRow);
}
