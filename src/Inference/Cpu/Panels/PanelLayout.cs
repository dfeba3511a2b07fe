using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>Sizes of a packed weight type.</summary>
/// <param name="BlockElements">Inputs of a block, or of a super-block; of floats, of which none belong together, <see cref="FloatColumns"/>.</param>
/// <param name="CodeBytes">Bytes of a block's code planes in a panel.</param>
/// <param name="ScaleBytes">Bytes of a block's scales in a panel.</param>
internal readonly record struct PanelLayout(int BlockElements, int CodeBytes, int ScaleBytes)
{
    /// <summary>Inputs that a product of floats takes at once; the last ones are padded with zeros.</summary>
    public const int FloatColumns = 2;

    /// <summary>The sizes of a packed type.</summary>
    public static PanelLayout Of(GgmlType type)
    {
        Sizes sizes = default;
        return PanelFormats.Visit(type, ref sizes) ? sizes.Layout : throw new ArgumentException($"'{type}' is not packed.", nameof(type));
    }

    private struct Sizes : IFormatVisitor
    {
        public PanelLayout Layout;

        public void VisitBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, IBlockFormat =>
            Layout = new(PanelFormats.BlockElements, TCodes.Bytes, BlockScales<TFormat>.Bytes);

        public void VisitFloats<TElements>()
            where TElements : struct, IElements =>
            Layout = new(FloatColumns, FloatColumns * WeightMatrix.PanelRows * TElements.Size, ScaleBytes: 0);

        public void VisitSuperBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, ISuperBlockFormat =>
            Layout = new(PanelFormats.SuperBlockElements, TCodes.Bytes * PanelFormats.SuperBlockParts, SuperBlockScales<TFormat>.Bytes);
    }
}
