using System.Runtime.Intrinsics.X86;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Products over the virtual vector. Stored keys and values become floats once for all queries that run together, four tiles at a time, so that
/// they stay near.
/// </summary>
/// <typeparam name="T">Float lanes.</typeparam>
/// <typeparam name="TForm">Stored form of keys and values.</typeparam>
internal readonly unsafe struct LaneProducts<T, TForm> : ISpanProducts
    where T : unmanaged, ILanes<T>
    where TForm : struct, IKvForm
{
    private const int Span = AttentionQueries.SpanTokens;
    private const int Tile = 16;
    private const int CacheLine = 64;

    // Eight queries need eight accumulators of one register each; narrower vectors take fewer.
    public static int Together(int left) => left switch
    {
        >= AttentionQueries.MostTogether when T.Registers == 1 => AttentionQueries.MostTogether,
        >= 4 => 4,
        >= 2 => 2,
        _ => 1,
    };

    public static void Score(in AttentionQueries queries, int first, int together, int from, int to)
    {
        float** keys = stackalloc float*[AttentionQueries.TilesTogether];
        for (int tile = from; tile < to; tile += AttentionQueries.TilesTogether)
        {
            int tiles = Math.Min(AttentionQueries.TilesTogether, to - tile);
            for (int i = 0; i < tiles; i++)
            {
                Prefetch(queries.ValueTiles[tile + i], queries.ValueTileBytes);
                keys[i] = TForm.Keys<T>(queries.KeyTiles[tile + i], queries.HeadSize, queries.TileRoom(i));
            }
            LaneScores<T>.Run(queries, first, together, keys, tiles, queries.Room + (tile * Tile % Span));
        }
    }

    public static void Mix(in AttentionQueries queries, int first, int together, int from, int to, int lastTile)
    {
        float** values = stackalloc float*[AttentionQueries.TilesTogether];
        for (int tile = from; tile < to; tile += AttentionQueries.TilesTogether)
        {
            int tiles = Math.Min(AttentionQueries.TilesTogether, to - tile);
            for (int i = 0; i < tiles; i++)
            {
                Prefetch(queries.KeyTiles[Math.Min(tile + i + (Span / Tile), lastTile)], queries.KeyTileBytes);
                values[i] = TForm.Values<T>(queries.ValueTiles[tile + i], queries.PaddedHeadSize, queries.TileRoom(i));
            }
            LaneMix<T>.Run(queries, first, together, values, tile * Tile, tiles, queries.Room + (tile * Tile % Span));
        }
    }

    // Keys are asked for a span before they are read, values while the span's keys are; into the second cache, which can wait for more lines.
    private static void Prefetch(byte* tile, int bytes)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < bytes; i += CacheLine)
            {
                Sse.Prefetch1(tile + i);
            }
        }
    }
}
