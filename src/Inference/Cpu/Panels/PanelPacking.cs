using System.Runtime.CompilerServices;
using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>
/// Repacks a row-major matrix into panels of 16 rows: one vector lane owns one output. All code planes come first, panel by panel and block
/// by block, then all scales in the same order, so that a product reads two streams. Rows past the end have scale 0.
/// </summary>
internal static unsafe class PanelPacking
{
    /// <summary>Packs a matrix.</summary>
    /// <param name="type">A packed type.</param>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Columns, whole blocks.</param>
    /// <param name="source">Rows as the file stores them.</param>
    /// <param name="codes">Room for the code planes of all panels.</param>
    /// <param name="scales">Room for the scales of all panels, zeroed.</param>
    /// <param name="firstPanel">First panel to pack.</param>
    /// <param name="endPanel">Panel after the last.</param>
    public static void Pack(GgmlType type, int rows, int columns, byte* source, byte* codes, byte* scales, int firstPanel, int endPanel)
    {
        Packer packer = new()
        {
            Rows = rows,
            Blocks = columns / type.BlockElements(),
            BlockBytes = type.BlockBytes(),
            Source = source,
            Codes = codes,
            Scales = scales,
            FirstPanel = firstPanel,
            EndPanel = endPanel,
        };
        PanelFormats.Visit(type, ref packer);
    }

    private struct Packer : IFormatVisitor
    {
        public int Rows;
        public int Blocks;
        public int BlockBytes;
        public byte* Source;
        public byte* Codes;
        public byte* Scales;
        public int FirstPanel;
        public int EndPanel;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void VisitBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, IBlockFormat
        {
            byte* buffer = stackalloc byte[PanelFormats.BlockElements];
            for (int panel = FirstPanel; panel < EndPanel; panel++)
            {
                for (int block = 0; block < Blocks; block++)
                {
                    long at = ((long)panel * Blocks) + block;
                    for (int lane = 0; lane < Lanes(panel); lane++)
                    {
                        byte* from = BlockOf(panel, lane, block);
                        TFormat.ReadCodes(from, buffer);
                        TCodes.Pack(buffer, Codes + (at * TCodes.Bytes) + (lane * 4));
                        BlockScales<TFormat>.Pack(from, Scales + (at * BlockScales<TFormat>.Bytes), lane);
                    }
                }
            }
        }

        // Blocks of one element: a panel's column becomes a vector.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void VisitFloats<TElements>()
            where TElements : struct, IElements
        {
            int columns = (Blocks + PanelLayout.FloatColumns - 1) / PanelLayout.FloatColumns * PanelLayout.FloatColumns;
            for (int panel = FirstPanel; panel < EndPanel; panel++)
            {
                byte* to = Codes + ((long)panel * columns * WeightMatrix.PanelRows * TElements.Size);
                for (int lane = 0; lane < Lanes(panel); lane++)
                {
                    TElements.Scatter(BlockOf(panel, lane, 0), Blocks, to + (lane * TElements.Size));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void VisitSuperBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, ISuperBlockFormat
        {
            byte* buffer = stackalloc byte[PanelFormats.BlockElements];
            for (int panel = FirstPanel; panel < EndPanel; panel++)
            {
                for (int block = 0; block < Blocks; block++)
                {
                    long at = ((long)panel * Blocks) + block;
                    for (int lane = 0; lane < Lanes(panel); lane++)
                    {
                        byte* from = BlockOf(panel, lane, block);
                        byte* planes = Codes + (at * PanelFormats.SuperBlockParts * TCodes.Bytes) + (lane * 4);
                        for (int part = 0; part < PanelFormats.SuperBlockParts; part++)
                        {
                            TFormat.ReadCodes(from, part, buffer);
                            TCodes.Pack(buffer, planes + (part * TCodes.Bytes));
                        }
                        SuperBlockScales<TFormat>.Pack(from, Scales + (at * SuperBlockScales<TFormat>.Bytes), lane);
                    }
                }
            }
        }

        private readonly int Lanes(int panel) => Math.Min(WeightMatrix.PanelRows, Rows - (panel * WeightMatrix.PanelRows));

        private readonly byte* BlockOf(int panel, int lane, int block) =>
            Source + (((((long)panel * WeightMatrix.PanelRows) + lane) * Blocks) + block) * BlockBytes;
    }
}
