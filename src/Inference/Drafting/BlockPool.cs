namespace Winnow.Inference.Drafting;

/// <summary>Free KV blocks of a draft model; sequences share none.</summary>
internal sealed class BlockPool
{
    private readonly Stack<int> _free;

    /// <param name="count">Blocks in the KV cache.</param>
    public BlockPool(int count)
    {
        _free = new Stack<int>(count);
        for (int block = count - 1; block >= 0; block--)
        {
            _free.Push(block);
        }
    }

    /// <summary>Blocks not taken.</summary>
    public int Free => _free.Count;

    /// <summary>Takes a block; the caller has checked <see cref="Free"/>.</summary>
    public int Take() => _free.Pop();

    /// <summary>Gives blocks back.</summary>
    public void Return(List<int> blocks)
    {
        blocks.ForEach(_free.Push);
        blocks.Clear();
    }
}
