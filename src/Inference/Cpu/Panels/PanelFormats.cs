using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>The weight types that are packed into panels, and the parts each is made of. The one list of them.</summary>
internal static class PanelFormats
{
    /// <summary>Inputs of a block, and of the sub-blocks that code planes are made for.</summary>
    public const int BlockElements = 32;

    /// <summary>Inputs of a super-block.</summary>
    public const int SuperBlockElements = 256;

    /// <summary>Blocks of 32 in a super-block.</summary>
    public const int SuperBlockParts = SuperBlockElements / BlockElements;

    /// <summary>Whether the type is packed.</summary>
    public static bool IsPacked(GgmlType type)
    {
        NoVisit none = default;
        return Visit(type, ref none);
    }

    /// <summary>Calls the visitor with the type's parts.</summary>
    /// <returns>False when the type is not packed.</returns>
    public static bool Visit<TVisitor>(GgmlType type, ref TVisitor visitor)
        where TVisitor : struct, IFormatVisitor
    {
        switch (type)
        {
            case GgmlType.F32:
                visitor.VisitFloats<FloatElements>();
                return true;
            case GgmlType.F16:
                visitor.VisitFloats<HalfElements>();
                return true;
            case GgmlType.BF16:
                visitor.VisitFloats<BrainElements>();
                return true;
            case GgmlType.Q4_0:
                visitor.VisitBlocks<NibblePlanes, Q4Format>();
                return true;
            case GgmlType.Q4_1:
                visitor.VisitBlocks<NibblePlanes, Q4MinimumFormat>();
                return true;
            case GgmlType.Q5_0:
                visitor.VisitBlocks<NibbleBitPlanes, Q5Format>();
                return true;
            case GgmlType.Q5_1:
                visitor.VisitBlocks<NibbleBitPlanes, Q5MinimumFormat>();
                return true;
            case GgmlType.Q8_0:
                visitor.VisitBlocks<BytePlanes, Q8Format>();
                return true;
            case GgmlType.IQ4_NL:
                visitor.VisitBlocks<CodebookPlanes, CodebookFormat>();
                return true;
            case GgmlType.MXFP4:
                visitor.VisitBlocks<MicroFloatPlanes, MicroFloatFormat>();
                return true;
            default:
                return VisitSuper(type, ref visitor);
        }
    }

    private static bool VisitSuper<TVisitor>(GgmlType type, ref TVisitor visitor)
        where TVisitor : struct, IFormatVisitor
    {
        switch (type)
        {
            case GgmlType.Q2_K:
                visitor.VisitSuperBlocks<PairPlanes, Q2SuperFormat>();
                return true;
            case GgmlType.Q3_K:
                visitor.VisitSuperBlocks<PairBitPlanes, Q3SuperFormat>();
                return true;
            case GgmlType.Q4_K:
                visitor.VisitSuperBlocks<NibblePlanes, Q4SuperFormat>();
                return true;
            case GgmlType.Q5_K:
                visitor.VisitSuperBlocks<NibbleBitPlanes, Q5SuperFormat>();
                return true;
            case GgmlType.Q6_K:
                visitor.VisitSuperBlocks<NibblePairPlanes, Q6SuperFormat>();
                return true;
            case GgmlType.IQ4_XS:
                visitor.VisitSuperBlocks<CodebookPlanes, CodebookSuperFormat>();
                return true;
            default:
                return false;
        }
    }

    private readonly struct NoVisit : IFormatVisitor
    {
        public void VisitBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, IBlockFormat
        {
        }

        public void VisitFloats<TElements>()
            where TElements : struct, IElements
        {
        }

        public void VisitSuperBlocks<TCodes, TFormat>()
            where TCodes : struct, ICodePlanes
            where TFormat : struct, ISuperBlockFormat
        {
        }
    }
}
