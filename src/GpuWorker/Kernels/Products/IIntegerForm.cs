using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>
/// A form whose products are exact integers. A unit is cut in slices of what a few loads bring: 32 codes with no scales of their own (two times
/// 16), or 64 codes with scales (four times 16).
/// </summary>
internal interface IIntegerForm
{
    /// <summary>Slices of a unit: 1, or 4 of 64 codes.</summary>
    static abstract int Slices { get; }

    /// <summary>Sixteens of a unit: input planes.</summary>
    static abstract int Sixteens { get; }

    /// <summary>Planes of a unit's codes.</summary>
    static abstract int CodePlanes { get; }

    /// <summary>Sixteens have scales.</summary>
    static abstract bool HasScales { get; }

    /// <summary>Sub-blocks of 32 have minima.</summary>
    static abstract bool HasMinima { get; }

    /// <summary>Of a slice's four sixteens with scales, the first two share one, and the last two.</summary>
    static abstract bool SharesScales { get; }

    /// <summary>Planes that a slice is packed in.</summary>
    static abstract int Pieces { get; }

    /// <summary>The plane of a slice's piece.</summary>
    static abstract int Plane(int slice, int piece);

    /// <summary>The codes of a slice, word by word of its pieces; scales are left out.</summary>
    /// <param name="first">Words of piece 0.</param>
    /// <param name="second">Words of piece 1, where there is one.</param>
    /// <param name="third">Words of piece 2, where there is one.</param>
    static abstract CodeSlice Expand(Quad first, Quad second, Quad third);

    /// <summary>Loads and expands a slice.</summary>
    /// <param name="codes">The matrix's codes.</param>
    /// <param name="at">The unit's plane 0.</param>
    /// <param name="stride">From a plane to the next.</param>
    /// <param name="slice">Which slice.</param>
    /// <param name="scales">The unit's scales.</param>
    static abstract CodeSlice Load(ArrayView<Quad> codes, int at, int stride, int slice, Quad scales);

    /// <summary>The input plane that a sixteen of a slice is multiplied with.</summary>
    static abstract int InputPlane(int slice, int sixteen);

    /// <summary>16 codes in the order of inputs.</summary>
    /// <param name="codes">The matrix's codes.</param>
    /// <param name="at">The unit's plane 0.</param>
    /// <param name="stride">From a plane to the next.</param>
    /// <param name="sixteen">Which 16 of the unit's inputs.</param>
    static abstract Quad LoadSixteen(ArrayView<Quad> codes, int at, int stride, int sixteen);

    /// <summary>The scale of 16 codes in the order of inputs.</summary>
    static abstract int Scale(Quad scales, int sixteen);
}
