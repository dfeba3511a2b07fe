namespace Winnow.Inference.Cpu;

/// <summary>
/// Products of one packed panel (16 outputs) with quantised activation rows. Per output, in block order:
/// <c>acc = fma((float)exact integer sum of the block, weight scale * activation scale, acc)</c>.
/// </summary>
internal unsafe interface IPanelDot
{
    /// <summary>The processor has the instructions.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>One activation row and a Q8_0 panel.</summary>
    /// <param name="quants">The panel's quants.</param>
    /// <param name="scales">The panel's scales.</param>
    /// <param name="input">Activations.</param>
    /// <param name="row">Activation row.</param>
    /// <param name="result">16 outputs.</param>
    static abstract void Q8x1(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result);

    /// <summary>Four activation rows and a Q8_0 panel; 4 x 16 outputs.</summary>
    static abstract void Q8x4(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result);

    /// <summary>One activation row and a Q4_0 panel.</summary>
    static abstract void Q4x1(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result);

    /// <summary>Four activation rows and a Q4_0 panel; 4 x 16 outputs.</summary>
    static abstract void Q4x4(byte* quants, ushort* scales, in QuantizedRows input, int row, float* result);
}
