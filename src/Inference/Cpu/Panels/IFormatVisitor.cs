namespace Winnow.Inference.Cpu.Panels;

/// <summary>Work that is written once for all packed weight types; <see cref="PanelFormats.Visit"/> calls it with the type's parts.</summary>
internal interface IFormatVisitor
{
    /// <summary>The type has blocks of 32.</summary>
    void VisitBlocks<TCodes, TFormat>()
        where TCodes : struct, ICodePlanes
        where TFormat : struct, IBlockFormat;

    /// <summary>The type's elements are floats of their own.</summary>
    void VisitFloats<TElements>()
        where TElements : struct, IElements;

    /// <summary>The type has super-blocks of 256.</summary>
    void VisitSuperBlocks<TCodes, TFormat>()
        where TCodes : struct, ICodePlanes
        where TFormat : struct, ISuperBlockFormat;
}
