using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
            byte* codes = stackalloc byte[FourOutputs.Count * FourOutputs.Stride];
            Vector128<uint>* chunks = stackalloc Vector128<uint>[FourOutputs.Chunks];
            for (int panel = FirstPanel; panel < EndPanel; panel++)
            {
                int lanes = Lanes(panel);
                for (int block = 0; block < Blocks; block++)
                {
                    long at = ((long)panel * Blocks) + block;
                    for (int first = 0; first < lanes; first += FourOutputs.Count)
                    {
                        int outputs = OutputsOf(codes, lanes - first);
                        byte* from = BlockOf(panel, first, block);
                        for (int output = 0; output < outputs; output++, from += RowBytes)
                        {
                            TFormat.ReadCodes(from, codes + (output * FourOutputs.Stride));
                            BlockScales<TFormat>.Pack(from, Scales + (at * BlockScales<TFormat>.Bytes), first + output);
                        }
                        FourOutputs.Turn(codes, chunks);
                        TCodes.Pack(chunks, Codes + (at * TCodes.Bytes) + (first * 4));
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
                int lanes = Lanes(panel);
                int turned = lanes / ColumnTurning<TElements>.Together * ColumnTurning<TElements>.Together;
                int whole = Blocks / ColumnTurning<TElements>.Together * ColumnTurning<TElements>.Together;
                for (int lane = 0; lane < turned; lane += ColumnTurning<TElements>.Together)
                {
                    ColumnTurning<TElements>.Run(BlockOf(panel, lane, 0), RowBytes, whole, to + (lane * TElements.Size));
                }
                for (int lane = 0; lane < lanes; lane++)
                {
                    int first = lane < turned ? whole : 0;
                    byte* column = to + ((long)first * WeightMatrix.PanelRows * TElements.Size);
                    TElements.Scatter(BlockOf(panel, lane, first), Blocks - first, column + (lane * TElements.Size));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void VisitSuperBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, ISuperBlockFormat
        {
            byte* open = stackalloc byte[SuperBlockScales<TFormat>.OpenBytes];
            byte* codes = stackalloc byte[FourOutputs.Count * FourOutputs.Stride];
            Vector128<uint>* chunks = stackalloc Vector128<uint>[FourOutputs.Chunks];
            for (int panel = FirstPanel; panel < EndPanel; panel++)
            {
                int lanes = Lanes(panel);
                new Span<byte>(open, SuperBlockScales<TFormat>.OpenBytes).Clear();
                for (int block = 0; block < Blocks; block++)
                {
                    long at = ((long)panel * Blocks) + block;
                    byte* stored = Scales + (at * SuperBlockScales<TFormat>.Bytes);
                    byte* scales = SuperBlockScales<TFormat>.AreClosed ? open : stored;
                    for (int lane = 0; lane < lanes; lane++)
                    {
                        SuperBlockScales<TFormat>.Pack(BlockOf(panel, lane, block), scales, lane, codes);
                    }
                    if (SuperBlockScales<TFormat>.AreClosed)
                    {
                        SuperBlockScales<TFormat>.Close(open, stored);
                    }
                    for (int first = 0; first < lanes; first += FourOutputs.Count)
                    {
                        int outputs = OutputsOf(codes, lanes - first);
                        byte* from = BlockOf(panel, first, block);
                        byte* planes = Codes + (at * PanelFormats.SuperBlockParts * TCodes.Bytes) + (first * 4);
                        for (int part = 0; part < PanelFormats.SuperBlockParts; part++)
                        {
                            for (int output = 0; output < outputs; output++)
                            {
                                TFormat.ReadCodes(from + (output * RowBytes), part, codes + (output * FourOutputs.Stride));
                            }
                            FourOutputs.Turn(codes, chunks);
                            TCodes.Pack(chunks, planes + (part * TCodes.Bytes));
                        }
                    }
                }
            }
        }

        private readonly long RowBytes => (long)Blocks * BlockBytes;

        // Up to four outputs; the codes of those that are missing are zero.
        private static int OutputsOf(byte* codes, int left)
        {
            if (left < FourOutputs.Count)
            {
                new Span<byte>(codes, FourOutputs.Count * FourOutputs.Stride).Clear();
            }
            return Math.Min(left, FourOutputs.Count);
        }

        private readonly int Lanes(int panel) => Math.Min(WeightMatrix.PanelRows, Rows - (panel * WeightMatrix.PanelRows));

        private readonly byte* BlockOf(int panel, int lane, int block) =>
            Source + ((((long)panel * WeightMatrix.PanelRows) + lane) * RowBytes) + ((long)block * BlockBytes);
    }
}
