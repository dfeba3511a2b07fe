namespace Winnow.Inference.Tokenizers;

/// <summary>A binary heap of merge candidates in a borrowed array: lowest rank first, of equal ranks the leftmost position.</summary>
/// <param name="items">Room for all candidates; each is rank and position in one number, so that numbers order as candidates do.</param>
internal ref struct MergeHeap(Span<ulong> items)
{
    private readonly Span<ulong> _items = items;
    private int _count;

    /// <summary>Adds a candidate.</summary>
    public void Push(int rank, int position)
    {
        ulong item = ((ulong)(uint)rank << 32) | (uint)position;
        int at = _count++;
        while (at > 0)
        {
            int parent = (at - 1) / 2;
            if (_items[parent] <= item)
            {
                break;
            }
            _items[at] = _items[parent];
            at = parent;
        }
        _items[at] = item;
    }

    /// <summary>Takes the first candidate.</summary>
    public bool TryPop(out int rank, out int position)
    {
        if (_count == 0)
        {
            rank = 0;
            position = 0;
            return false;
        }
        ulong first = _items[0];
        ulong last = _items[--_count];
        int at = 0;
        for (int child = 1; child < _count; child = (2 * at) + 1)
        {
            child += child + 1 < _count && _items[child + 1] < _items[child] ? 1 : 0;
            if (last <= _items[child])
            {
                break;
            }
            _items[at] = _items[child];
            at = child;
        }
        _items[at] = last;
        rank = (int)(first >> 32);
        position = (int)(uint)first;
        return true;
    }
}
