namespace Winnow.Inference.Execution;

/// <summary>Free KV rows after the blocks, lent to draft nodes that are off the main chain.</summary>
internal sealed class ScratchRows
{
    private readonly Stack<int> _free;

    /// <param name="first">First physical KV row of the scratch area.</param>
    /// <param name="count">Rows there.</param>
    public ScratchRows(int first, int count)
    {
        _free = new Stack<int>(count);
        for (int row = first + count - 1; row >= first; row--)
        {
            _free.Push(row);
        }
    }

    /// <summary>Rows not lent.</summary>
    public int Free => _free.Count;

    /// <summary>Lends a row; the caller has checked <see cref="Free"/>.</summary>
    public int Take() => _free.Pop();

    /// <summary>Takes a row back.</summary>
    public void Return(int row) => _free.Push(row);
}
