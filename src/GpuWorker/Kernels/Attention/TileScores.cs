namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// A lane's part of the scores or weights of 16 queries and 32 keys: with <c>g = lane / 4</c> and <c>t = lane % 4</c>, field n holds keys 8n + 2t and
/// 8n + 2t + 1; X and Y of query g, Z and W of query g + 8.
/// </summary>
internal struct TileScores
{
    /// <summary>Keys 0 to 7.</summary>
    public FloatQuad N0;

    /// <summary>Keys 8 to 15.</summary>
    public FloatQuad N1;

    /// <summary>Keys 16 to 23.</summary>
    public FloatQuad N2;

    /// <summary>Keys 24 to 31.</summary>
    public FloatQuad N3;
}
