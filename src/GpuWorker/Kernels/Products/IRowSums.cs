namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>
/// Sums of two outputs for one or several rows, in registers. More rows are two halves of fewer, so that every row has fields of its own and
/// runs the same operations.
/// </summary>
/// <typeparam name="TSelf">The implementation.</typeparam>
internal interface IRowSums<TSelf>
    where TSelf : unmanaged, IRowSums<TSelf>
{
    /// <summary>Rows.</summary>
    static abstract int Rows { get; }

    /// <summary>Adds a slice's integer products.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="arguments">The kernel's arguments.</param>
    /// <param name="first">The slice of the first output.</param>
    /// <param name="second">The slice of the second output.</param>
    /// <param name="slice">Which slice of the unit.</param>
    /// <param name="at">The unit's input plane 0, in the first of these rows.</param>
    /// <param name="stride">From an input plane to the next.</param>
    /// <param name="rowQuads">From a row's input to the next.</param>
    static abstract TSelf AddSlice<TForm, TMath>(
        TSelf sums, in ProductArguments arguments, in CodeSlice first, in CodeSlice second, int slice, int at, int stride, int rowQuads)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath;

    /// <summary>Adds a unit's integers, times its factors, to the floats, and begins the next unit.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="arguments">The kernel's arguments.</param>
    /// <param name="first">Factors of the first output.</param>
    /// <param name="second">Factors of the second output.</param>
    /// <param name="at">The unit's position in the first of these rows.</param>
    /// <param name="rowUnits">From a row's position to the next.</param>
    static abstract TSelf EndUnit<TForm, TMath>(
        TSelf sums, in ProductArguments arguments, in UnitFactors first, in UnitFactors second, int at, int rowUnits)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath;

    /// <summary>Adds the products of eight floats, one after the other.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="arguments">The kernel's arguments.</param>
    /// <param name="first">Weights of the first output.</param>
    /// <param name="second">Weights of the second output.</param>
    /// <param name="at">The unit's input plane 0, in the first of these rows.</param>
    /// <param name="stride">From an input plane to the next.</param>
    /// <param name="rowQuads">From a row's input to the next.</param>
    static abstract TSelf AddFloats<TMath>(
        TSelf sums, in ProductArguments arguments, in FloatUnit first, in FloatUnit second, int at, int stride, int rowQuads)
        where TMath : struct, IDeviceMath;

    /// <summary>Stores a chain's sums: first and second output of row 0, of row 1, ...</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="shared">Where they go.</param>
    /// <param name="at">The first.</param>
    /// <param name="stride">From one to the next.</param>
    static abstract void Store(TSelf sums, ILGPU.ArrayView<float> shared, int at, int stride);
}
