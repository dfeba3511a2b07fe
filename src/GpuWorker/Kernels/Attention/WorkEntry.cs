namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>What one group of <see cref="AttentionKernels.Attend{TForm}"/> or <see cref="TileKernels.Attend{TColumns, TForm}"/> does.</summary>
internal struct WorkEntry
{
    /// <summary>First row of queries.</summary>
    public int FirstRow;

    /// <summary>First split.</summary>
    public int FirstSplit;

    /// <summary>Splits.</summary>
    public int Splits;

    /// <summary>First row of the result.</summary>
    public int Destination;

    /// <summary>Where the partial result of the first row and of split 0 would lie.</summary>
    public int Partial;

    /// <summary>Partial results of a row.</summary>
    public int RowPartials;

    /// <summary>1 when the result of each split is kept by itself.</summary>
    public int IsPartial;

    /// <summary>KV head.</summary>
    public int KvHead;

    /// <summary>First query head.</summary>
    public int FirstHead;

    /// <summary>Query heads.</summary>
    public int HeadsTogether;

    /// <summary>Rows times query heads.</summary>
    public int Queries;

    /// <summary>Index of the rows' block table.</summary>
    public int Blocks;

    /// <summary>Positions below this are found by the block table.</summary>
    public int Base;

    /// <summary>Index of the slot at position <see cref="Base"/>.</summary>
    public int Path;

    /// <summary>Reads the entry of a group; neighbouring groups have the heads of one entry.</summary>
    /// <param name="a">The launch.</param>
    /// <param name="group">Which group.</param>
    /// <param name="mostQueries">Queries that a group serves together, at most.</param>
    public static WorkEntry Read(AttentionArguments a, int group, int mostQueries)
    {
        int shared = a.Heads / a.KvHeads;
        int parts = (shared + mostQueries - 1) / mostQueries;
        int headGroups = a.KvHeads * parts;
        int entry = a.List + (group / headGroups * AttentionKernels.WorkInts);
        int headGroup = group % headGroups;
        int part = headGroup % parts * mostQueries;
        WorkEntry work = default;
        work.FirstRow = a.Pass[entry];
        work.FirstSplit = a.Pass[entry + 2];
        work.Splits = a.Pass[entry + 3];
        work.Destination = a.Pass[entry + 4];
        work.Partial = a.Pass[entry + 5];
        work.RowPartials = a.Pass[entry + 6];
        work.IsPartial = a.Pass[entry + 7];
        work.KvHead = headGroup / parts;
        work.FirstHead = (work.KvHead * shared) + part;
        work.HeadsTogether = shared - part < mostQueries ? shared - part : mostQueries;
        work.Queries = a.Pass[entry + 1] * work.HeadsTogether;
        int row = work.FirstRow * PassMetadata.RowInts;
        work.Blocks = a.Pass[row + PassMetadata.RowBlocks];
        work.Base = a.Pass[row + PassMetadata.RowBase];
        work.Path = a.Pass[row + PassMetadata.RowPath];
        return work;
    }
}
