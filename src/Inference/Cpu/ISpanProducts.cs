namespace Winnow.Inference.Cpu;

/// <summary>The two products of attention over the tiles of one span; the order of each sum is that of <see cref="LaneAttention{T, TProducts}"/>.</summary>
internal interface ISpanProducts
{
    /// <summary>How many of the queries that are left go together: 1, 2, 4 or 8.</summary>
    static abstract int Together(int left);

    /// <summary>
    /// Scores of queries <paramref name="first"/> and after against tiles of keys, into the first scores of <see cref="AttentionQueries.Room"/>:
    /// a row of a span for each query, by position in the span.
    /// </summary>
    /// <param name="queries">All queries.</param>
    /// <param name="first">First of them.</param>
    /// <param name="together">What <see cref="Together"/> said.</param>
    /// <param name="from">First tile, by position / 16.</param>
    /// <param name="to">Tile after the last, of the same span.</param>
    static abstract void Score(in AttentionQueries queries, int first, int together, int from, int to);

    /// <summary>Adds values, weighted by what the scores have become, to the outputs.</summary>
    /// <param name="queries">All queries.</param>
    /// <param name="first">First of them.</param>
    /// <param name="together">What <see cref="Together"/> said.</param>
    /// <param name="from">First tile, by position / 16.</param>
    /// <param name="to">Tile after the last, of the same span.</param>
    /// <param name="lastTile">Last tile that will be read, in this span or another.</param>
    static abstract void Mix(in AttentionQueries queries, int first, int together, int from, int to, int lastTile);
}
