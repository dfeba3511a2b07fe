namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>Up to 64 codes of one output in registers: four times 16 signed bytes with an integer scale each.</summary>
internal struct CodeSlice
{
    /// <summary>First 16 codes.</summary>
    public Quad A;

    /// <summary>Second 16 codes.</summary>
    public Quad B;

    /// <summary>Third 16 codes.</summary>
    public Quad C;

    /// <summary>Fourth 16 codes.</summary>
    public Quad D;

    /// <summary>Scale of <see cref="A"/>.</summary>
    public int ScaleA;

    /// <summary>Scale of <see cref="B"/>.</summary>
    public int ScaleB;

    /// <summary>Scale of <see cref="C"/>.</summary>
    public int ScaleC;

    /// <summary>Scale of <see cref="D"/>.</summary>
    public int ScaleD;
}
