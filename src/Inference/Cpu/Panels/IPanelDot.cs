namespace Winnow.Inference.Cpu.Panels;

/// <summary>Products of one packed panel (16 outputs) with quantised activation rows.</summary>
/// <remarks>
/// Per output, in block order. Blocks of 32: <c>total = fma(float(sum of codes * activations - offset * sum of activations), scale * a, total)</c>,
/// and with a minimum <c>total = fma(minimum, s, total)</c>, where a and s are the activations' scale and scaled sum. Super-blocks of 256:
/// <c>total = fma(float(sum of scales * codes * activations - offset * sum of scales * activations), d * a, total)</c>, and with minima
/// <c>total = fma(float(sum of minima * activations), dmin * -a, total)</c>. Sums inside the parentheses are exact integers.
/// </remarks>
internal unsafe interface IPanelDot
{
    /// <summary>The processor has the instructions.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>How many of so many rows left go through a panel together, at most <see cref="PanelProducts{TDot}.RowTile"/>.</summary>
    static abstract int RowsTogether(int left);

    /// <summary>A panel of a type in blocks of 32.</summary>
    /// <param name="panel">The panel.</param>
    /// <param name="input">Activations.</param>
    /// <param name="row">First activation row.</param>
    /// <param name="rows">Activation rows, a number that <see cref="RowsTogether"/> gives.</param>
    /// <param name="totals">16 outputs for each row, added to.</param>
    static abstract void Blocks<TCodes, TFormat>(in Panel panel, in QuantizedRows input, int row, int rows, float* totals)
        where TCodes : struct, ICodePlanes
        where TFormat : struct, IBlockFormat;

    /// <summary>A panel of floats: even and odd inputs are summed apart, each in order with fused multiply-add, and then added.</summary>
    /// <param name="panel">The panel; its codes are columns of 16 elements, its blocks pairs of columns.</param>
    /// <param name="input">Activations.</param>
    /// <param name="row">First activation row.</param>
    /// <param name="rows">Activation rows, a number that <see cref="RowsTogether"/> gives.</param>
    /// <param name="totals">16 outputs for each row.</param>
    static abstract void Floats<TElements>(in Panel panel, in ActivationRows input, int row, int rows, float* totals)
        where TElements : struct, IElements;

    /// <summary>A panel of a type in super-blocks of 256; parameters as for blocks.</summary>
    static abstract void SuperBlocks<TCodes, TFormat>(in Panel panel, in QuantizedRows input, int row, int rows, float* totals)
        where TCodes : struct, ICodePlanes
        where TFormat : struct, ISuperBlockFormat;
}
