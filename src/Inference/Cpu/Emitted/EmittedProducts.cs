using Winnow.Inference.Cache;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>
/// The products of attention in machine code, for keys and values without scales: halves become floats as they are loaded, and requests to memory
/// are spread over the work.
/// </summary>
/// <remarks>Heads have an even number of elements.</remarks>
/// <typeparam name="TElements">Stored elements of keys and values.</typeparam>
internal readonly unsafe struct EmittedProducts<TElements> : ISpanProducts
    where TElements : struct, IElements
{
    private const int Span = AttentionQueries.SpanTokens;
    private const int Tile = KvStore.TileRows;
    private const int SpanTiles = Span / Tile;

    // How long before it is read a tile is asked for; nearer or farther was slower.
    private const int TilesAhead = 8;

    public static int Together(int left) => LaneProducts<Lanes512, HalfKv>.Together(left);

    public static void Score(in AttentionQueries queries, int first, int together, int from, int to)
    {
        byte** list = stackalloc byte*[2 * SpanTiles];
        int group = ScoreCode.TilesTogether(together);
        AttentionArguments arguments = new()
        {
            Tiles = list,
            Steps = queries.HeadSize / 2,
            Factors = queries.QueryRoom,
            Scale = queries.Scale,
        };
        Interleave(queries, first, together);
        int start = from / group * group;
        int groups = (to - start + group - 1) / group;
        for (int i = 0; i < groups * group; i++)
        {
            // Tiles before the first and after the last fill groups up; nobody reads their scores.
            int tile = Math.Clamp(start + i, from, to - 1);
            int ahead = tile + TilesAhead;
            byte** pair = list + (i / group * 2 * group) + (i % group);
            pair[0] = queries.KeyTiles[tile];
            pair[group] = ahead < to ? queries.KeyTiles[ahead] : queries.ValueTiles[Math.Min(from + ahead - to, to - 1)];
        }
        arguments.Groups = groups;
        arguments.Scores = queries.Room + (start * Tile % Span);
        EmittedAttention<TElements>.Score(together, &arguments);
    }

    public static void Mix(in AttentionQueries queries, int first, int together, int from, int to, int lastTile)
    {
        byte** list = stackalloc byte*[2 * SpanTiles];
        for (int i = 0; i < to - from; i++)
        {
            int ahead = from + i + TilesAhead;
            list[2 * i] = queries.ValueTiles[from + i];
            list[(2 * i) + 1] = ahead < to ? queries.ValueTiles[ahead] : queries.KeyTiles[Math.Min(ahead, lastTile)];
        }
        MixTiles(queries, first, together, list, from, to - from);
    }

    // What a query reads before and after the others it reads alone, so that no value before its start or past its length is touched.
    private static void MixTiles(in AttentionQueries queries, int first, int together, byte** list, int tile, int tiles)
    {
        int from = tile * Tile;
        int to = from + (tiles * Tile);
        int sharedFrom = from;
        int sharedTo = to;
        for (int i = first; i < first + together; i++)
        {
            sharedFrom = Math.Max(sharedFrom, queries.Starts[i]);
            sharedTo = Math.Min(sharedTo, queries.Lengths[i]);
        }
        bool shares = sharedFrom < sharedTo;
        for (int i = 0; i < together; i++)
        {
            int start = Math.Max(from, queries.Starts[first + i]);
            int end = Math.Min(to, queries.Lengths[first + i]);
            MixRows(queries, first, i, 1, list, tile, start, shares ? sharedFrom : end);
        }
        if (!shares)
        {
            return;
        }
        MixRows(queries, first, 0, together, list, tile, sharedFrom, sharedTo);
        for (int i = 0; i < together; i++)
        {
            MixRows(queries, first, i, 1, list, tile, sharedTo, Math.Min(to, queries.Lengths[first + i]));
        }
    }

    // Whole tiles go together; a part of one goes alone.
    private static void MixRows(in AttentionQueries queries, int first, int index, int count, byte** list, int tile, int from, int to)
    {
        byte** part = stackalloc byte*[2];
        long rowBytes = (long)queries.PaddedHeadSize * TElements.Size;
        while (from < to)
        {
            int row = from % Tile;
            int whole = (to - from) / Tile;
            bool isPart = row > 0 || whole == 0;
            byte** tiles = list + (2 * ((from / Tile) - tile));
            int rows = Tile;
            if (isPart)
            {
                part[0] = tiles[0] + (row * rowBytes);
                part[1] = tiles[1] + (row * rowBytes);
                rows = Math.Min(Tile - row, to - from);
            }
            AttentionArguments arguments = new()
            {
                Tiles = isPart ? part : tiles,
                Groups = isPart ? 1 : whole,
                Steps = rows,
                Factors = queries.Room + (index * Span) + (from % Span),
                Outputs = queries.Outputs + first + index,
                RowBytes = rowBytes,
            };
            MixVectors(queries.PaddedHeadSize / Tile, count, &arguments);
            from += isPart ? rows : whole * Tile;
        }
    }

    private static void MixVectors(int vectors, int count, AttentionArguments* arguments)
    {
        int most = MixCode.VectorsTogether(count);
        for (int vector = 0; vector < vectors; vector += most)
        {
            arguments->ValueOffset = vector * Tile * TElements.Size;
            arguments->OutputOffset = vector * Tile * sizeof(float);
            EmittedAttention<TElements>.Mix(count, Math.Min(most, vectors - vector), arguments);
        }
    }

    // Queries by element, so that one register walks over all of them.
    private static void Interleave(in AttentionQueries queries, int first, int together)
    {
        float* to = queries.QueryRoom;
        for (int d = 0; d < queries.HeadSize; d++)
        {
            for (int query = 0; query < together; query++)
            {
                *to++ = queries.Queries[first + query][d];
            }
        }
    }
}
