using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Attention of all rows, cut by KV head and by rows that share their keys. A row whose keys all lie where the block table says reads them in
/// place; any other (a tree's node in a scratch row) gathers from its first key that does not, by depth, so that an ancestor takes the lane
/// and tile of its absolute position. The arithmetic is the same: <see cref="LaneAttention{T, TProducts}"/>.
/// </summary>
internal sealed unsafe class AttentionWork(ForwardState state, WorkerPool pool) : IRangeWork
{
    private Unit[] _all = [];
    private Unit[] _outputs = [];
    private Unit[] _units = [];
    private int[] _inPlace = [];
    private int _allCount;
    private int _outputCount;

    /// <summary>Cuts a new batch into units, the same for all layers.</summary>
    public void Begin(ForwardBatch batch)
    {
        _allCount = 0;
        _outputCount = 0;
        if (_all.Length < batch.RowCount)
        {
            _all = new Unit[state.Scratch.Capacity];
            _outputs = new Unit[state.Scratch.Capacity];
            _inPlace = new int[state.Scratch.Capacity];
        }
        int rowsTogether = Math.Max(1, state.Scratch.Queries / (state.Model.Heads / state.Model.KvHeads));
        for (int i = 0; i < batch.SequenceCount; i++)
        {
            ForwardSequence sequence = batch[i];
            MeasureInPlace(sequence);
            _allCount = Cut(sequence, 0, rowsTogether, _all, _allCount);
            _outputCount = Cut(sequence, sequence.FirstOutputRow, rowsTogether, _outputs, _outputCount);
        }
    }

    /// <summary>Attends in the current layer.</summary>
    /// <param name="onlyOutputs">Only rows that the sampler needs.</param>
    public void Go(bool onlyOutputs)
    {
        _units = onlyOutputs ? _outputs : _all;
        int count = onlyOutputs ? _outputCount : _allCount;
        pool.Profile?.Begin();
        pool.For(this, count * state.Model.KvHeads, 1);
        pool.Profile?.End(Describe(count));
    }

    /// <inheritdoc/>
    public void Run(int start, int end, int worker)
    {
        for (int i = start; i < end; i++)
        {
            Attend(_units[i / state.Model.KvHeads], i % state.Model.KvHeads, worker);
        }
    }

    // Keys and values count once for the rows of a sequence, as one read of them would do.
    private Operation Describe(int units)
    {
        int window = state.LayerWeights.Block.Attention.Window;
        int rows = 0;
        long keys = 0;
        long products = 0;
        for (int i = 0; i < units; i++)
        {
            Unit unit = _units[i];
            long first = long.MaxValue;
            long end = 0;
            for (int row = unit.Row; row < unit.Row + unit.Rows; row++)
            {
                long length = unit.Sequence.BaseLength + unit.Sequence.Depths[row] + 1;
                long start = window == 0 ? 0 : Math.Max(0, length - window);
                first = Math.Min(first, start);
                end = Math.Max(end, length);
                products += length - start;
            }
            rows += unit.Rows;
            keys += end - first;
        }
        long keyBytes = (state.Kv.KeyTileBytes + state.Kv.ValueTileBytes) / KvStore.TileRows * state.Model.KvHeads;
        return new Operation(OperationKind.Attention, null, rows, keys * keyBytes, 2 * products * state.Model.Heads * state.Model.HeadSize);
    }

    private int Cut(ForwardSequence sequence, int firstRow, int rowsTogether, Unit[] units, int count)
    {
        for (int row = firstRow; row < sequence.RowCount;)
        {
            int first = row;
            bool inPlace = IsInPlace(sequence, row++);
            while (inPlace && row < sequence.RowCount && row - first < rowsTogether && IsInPlace(sequence, row))
            {
                row++;
            }
            units[count++] = new Unit(sequence, first, row - first, inPlace);
        }
        return count;
    }

    private bool IsInPlace(ForwardSequence sequence, int row) =>
        _inPlace[sequence.FirstRow + row] == sequence.BaseLength + sequence.Depths[row] + 1;

    // For every row how many of its keys, from position 0 on, lie where the block table says.
    private void MeasureInPlace(ForwardSequence sequence)
    {
        int blockTokens = state.Kv.Shape.BlockTokens;
        for (int row = 0; row < sequence.RowCount; row++)
        {
            int position = sequence.BaseLength + sequence.Depths[row];
            int parent = sequence.Parents[row];
            int before = parent < 0 ? sequence.BaseLength : _inPlace[sequence.FirstRow + parent];
            // Below a node of an earlier pass, which lies anywhere, this is never so.
            bool here = before == position
                && position / blockTokens < sequence.BlockCount
                && sequence.KvSlots[row] == (sequence.Blocks[position / blockTokens] * blockTokens) + (position % blockTokens);
            _inPlace[sequence.FirstRow + row] = here ? position + 1 : before;
        }
    }

    private void Attend(in Unit unit, int head, int worker)
    {
        ShardScratch scratch = state.Scratch;
        ModelConfiguration model = state.Model;
        int group = model.Heads / model.KvHeads;
        int padded = state.Kv.Shape.PaddedHeadSize;
        float** queries = (float**)scratch.QueryTable(worker);
        float** outputs = queries + scratch.Queries;
        int* lengths = (int*)(outputs + scratch.Queries);
        int* starts = lengths + scratch.Queries;
        AttentionBlock block = state.LayerWeights.Block.Attention;
        float* results = scratch.Results(worker);
        int count = 0;
        int start = int.MaxValue;
        int longest = 0;
        for (int row = unit.Row; row < unit.Row + unit.Rows; row++)
        {
            int length = unit.Sequence.BaseLength + unit.Sequence.Depths[row] + 1;
            int from = block.Window == 0 ? 0 : Math.Max(0, length - block.Window);
            start = Math.Min(start, from);
            longest = Math.Max(longest, length);
            float* query = scratch.Query + ((long)(unit.Sequence.FirstRow + row) * scratch.QueryStride) + (head * group * model.HeadSize);
            for (int g = 0; g < group; g++, count++)
            {
                queries[count] = query + (g * model.HeadSize);
                outputs[count] = results + (count * padded);
                starts[count] = from;
                lengths[count] = length;
            }
        }
        FindTiles(unit, head, worker, start / KvStore.TileRows, longest);
        state.Kernels.Attend(new AttentionQueries
        {
            Count = count,
            Queries = queries,
            Outputs = outputs,
            Starts = starts,
            Lengths = lengths,
            KeyTiles = scratch.KeyTiles(worker),
            ValueTiles = scratch.ValueTiles(worker),
            KeyTileBytes = (int)state.Kv.KeyTileBytes,
            ValueTileBytes = (int)state.Kv.ValueTileBytes,
            HeadSize = model.HeadSize,
            PaddedHeadSize = padded,
            Scale = block.Scale,
            SoftCap = block.SoftCap,
            Type = state.Kv.Shape.Type,
            Room = scratch.AttentionRoom(worker),
        });
        for (int i = 0; i < count; i++)
        {
            long row = unit.Sequence.FirstRow + unit.Row + (i / group);
            float* destination = scratch.Attention + (row * scratch.QueryStride) + (((head * group) + (i % group)) * model.HeadSize);
            new ReadOnlySpan<float>(outputs[i], model.HeadSize).CopyTo(new Span<float>(destination, model.HeadSize));
        }
    }

    private void FindTiles(in Unit unit, int head, int worker, int firstTile, int length)
    {
        byte** keys = state.Scratch.KeyTiles(worker);
        byte** values = state.Scratch.ValueTiles(worker);
        ReadOnlySpan<int> blocks = unit.Sequence.Blocks;
        int tilesPerBlock = state.Kv.Shape.BlockTokens / KvStore.TileRows;
        int readable = unit.InPlace ? length + KvStore.TileRows - 1 : _inPlace[unit.Sequence.FirstRow + unit.Row];
        int inPlace = readable / KvStore.TileRows;
        for (int tile = firstTile; tile < inPlace; tile++)
        {
            long stored = ((long)blocks[tile / tilesPerBlock] * tilesPerBlock) + (tile % tilesPerBlock);
            keys[tile] = state.Kv.KeyTile(state.Layer, stored, head);
            values[tile] = state.Kv.ValueTile(state.Layer, stored, head);
        }
        if (!unit.InPlace)
        {
            Gather(unit, head, worker, Math.Max(firstTile, inPlace), length);
        }
    }

    private void Gather(in Unit unit, int head, int worker, int firstTile, int length)
    {
        KvStore kv = state.Kv;
        int tiles = ((length + KvStore.TileRows - 1) / KvStore.TileRows) - firstTile;
        byte* keys = state.Scratch.Gathered(worker, tiles * (kv.KeyTileBytes + kv.ValueTileBytes));
        byte* values = keys + (tiles * kv.KeyTileBytes);
        for (int tile = 0; tile < tiles; tile++)
        {
            state.Scratch.KeyTiles(worker)[firstTile + tile] = keys + (tile * kv.KeyTileBytes);
            state.Scratch.ValueTiles(worker)[firstTile + tile] = values + (tile * kv.ValueTileBytes);
        }
        ForwardSequence sequence = unit.Sequence;
        int blockTokens = kv.Shape.BlockTokens;
        int readable = _inPlace[sequence.FirstRow + unit.Row];
        for (int position = firstTile * KvStore.TileRows; position < readable; position++)
        {
            int slot = (sequence.Blocks[position / blockTokens] * blockTokens) + (position % blockTokens);
            Place(slot, head, worker, position);
        }
        int first = Math.Max(readable, firstTile * KvStore.TileRows);
        int node = unit.Row;
        for (; node >= 0 && sequence.BaseLength + sequence.Depths[node] >= first; node = sequence.Parents[node])
        {
            Place(sequence.KvSlots[node], head, worker, sequence.BaseLength + sequence.Depths[node]);
        }
        for (node = node < -1 ? EarlierNode.IndexOf(node) : -1; node >= 0 && sequence.BaseLength + sequence.Earlier[node].Depth >= first; node = sequence.Earlier[node].Parent)
        {
            Place(sequence.Earlier[node].KvSlot, head, worker, sequence.BaseLength + sequence.Earlier[node].Depth);
        }
    }

    private void Place(int slot, int head, int worker, int position) => state.Kv.Gather(
        state.Layer,
        slot,
        head,
        state.Scratch.KeyTiles(worker)[position / KvStore.TileRows],
        state.Scratch.ValueTiles(worker)[position / KvStore.TileRows],
        position % KvStore.TileRows);

    private readonly record struct Unit(ForwardSequence Sequence, int Row, int Rows, bool InPlace);
}
