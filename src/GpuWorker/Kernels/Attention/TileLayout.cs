namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Shared memory of a group of <see cref="TileKernels"/>, in quads: two stages of keys [octet][32 keys] and values [32 keys][octets in groups of eight, each
/// octet's place exclusive-or the key], then their scales, and slots.
/// </summary>
/// <typeparam name="TColumns">A head's columns.</typeparam>
/// <typeparam name="TForm">Stored form.</typeparam>
internal static class TileLayout<TColumns, TForm>
    where TColumns : unmanaged, ITileColumns<TColumns>
    where TForm : unmanaged, ITileForm
{
    private const int Stages = 2;
    private const int QuadWords = 4;

    /// <summary>Octets of a head.</summary>
    public static int Octets => TColumns.Count / DeviceKvLayout.OctetElements;

    /// <summary>Blocks of 32 of a head.</summary>
    public static int Blocks => TColumns.Count / DeviceKvLayout.BlockElements;

    /// <summary>Quads from a key's values to the next's: whole groups of eight, so that eight keys lie in different banks.</summary>
    public static int RowQuads => (Octets + 7) / 8 * 8;

    /// <summary>Quads of the keys of a stage.</summary>
    public static int KeyQuads => TileKernels.TileTokens * Octets;

    /// <summary>Quads of a stage.</summary>
    public static int StageQuads => KeyQuads + (TileKernels.TileTokens * RowQuads);

    /// <summary>Where scales lie as floats: of every stage keys [block][32 keys], then values.</summary>
    public static int Scales => Stages * StageQuads;

    /// <summary>Scales of keys and values of a stage.</summary>
    public static int StageScales => 2 * TileKernels.TileTokens * Blocks;

    /// <summary>Where slots lie, of two splits.</summary>
    public static int Slots => Scales + (TForm.HasScales ? Stages * StageScales / QuadWords : 0);

    /// <summary>Where warps that share a tile's keys exchange scores [keys by 8][32 lanes]; only <see cref="TileKernels.AttendFew{TColumns, TForm}"/>.</summary>
    public static int Exchange => Slots + (TileKernels.SlotWords / QuadWords);

    /// <summary>All quads of a group whose warps exchange nothing.</summary>
    public static int Quads => Exchange;

    /// <summary>All quads of a group whose warps exchange scores.</summary>
    public static int QuadsOfFew => Exchange + TileKernels.Threads;
}
