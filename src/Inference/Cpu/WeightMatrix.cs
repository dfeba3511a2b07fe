using Winnow.Inference.Cpu.Panels;
using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu;

/// <summary>
/// A weight matrix (rows = outputs, columns = inputs) ready for the kernels: repacked into panels of 16 rows (<see cref="PanelPacking"/>),
/// in memory of its own with large pages.
/// </summary>
internal sealed unsafe class WeightMatrix : IDisposable
{
    /// <summary>Rows of a panel: one output per lane.</summary>
    public const int PanelRows = 16;

    /// <summary>Elements of a quantised block.</summary>
    public const int BlockElements = PanelFormats.BlockElements;

    /// <summary>Elements of a quantised super-block.</summary>
    public const int SuperBlockElements = PanelFormats.SuperBlockElements;

    /// <summary>The element types that the CPU backend computes with, for messages.</summary>
    public const string SupportedTypes =
        "F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS or MXFP4";

    private readonly NativeBuffer _packed;
    private readonly byte* _scales;
    private readonly PanelLayout _layout;
    private readonly int _blocks;

    private WeightMatrix(GgmlType type, int rows, int columns, PanelLayout layout)
    {
        Type = type;
        Rows = rows;
        Columns = columns;
        _layout = layout;
        _blocks = (columns + layout.BlockElements - 1) / layout.BlockElements;
        long codeBytes = (long)Panels * _blocks * layout.CodeBytes;
        _packed = new NativeBuffer(codeBytes + ((long)Panels * _blocks * layout.ScaleBytes), hugePages: true);
        Data = _packed.Pointer;
        _scales = Data + codeBytes;
        InputForm = layout.BlockElements switch
        {
            BlockElements => InputForms.Blocks,
            SuperBlockElements => InputForms.SuperBlocks,
            _ => InputForms.None,
        };
    }

    /// <summary>Element type.</summary>
    public GgmlType Type { get; }

    /// <summary>Outputs.</summary>
    public int Rows { get; }

    /// <summary>Inputs.</summary>
    public int Columns { get; }

    /// <summary>Panels, the last one padded with rows that are not used.</summary>
    public int Panels => (Rows + PanelRows - 1) / PanelRows;

    /// <summary>The panels' code planes, then their scales.</summary>
    public byte* Data { get; }

    /// <summary>How input rows must be quantised before the product.</summary>
    public InputForms InputForm { get; }

    /// <summary>Bytes of packed weights.</summary>
    public long Bytes => _packed.Bytes;

    /// <summary>Whether the CPU backend computes with this element type.</summary>
    public static bool IsSupported(GgmlType type) => PanelFormats.IsPacked(type);

    /// <summary>Makes room for a matrix; all weights are zero until <see cref="Pack"/>.</summary>
    /// <param name="type">A supported element type.</param>
    /// <param name="rows">Outputs, at least 1.</param>
    /// <param name="columns">Inputs, whole blocks.</param>
    /// <exception cref="ArgumentException">The type is not supported, or rows are not whole blocks.</exception>
    public static WeightMatrix Allocate(GgmlType type, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (!PanelFormats.IsPacked(type))
        {
            throw new ArgumentException($"Weights of type '{type}' are not computed on the CPU; allowed are {SupportedTypes}.", nameof(type));
        }
        _ = type.RowBytes(columns);
        return new WeightMatrix(type, rows, columns, PanelLayout.Of(type));
    }

    /// <summary>Packs a row-major matrix on the calling thread.</summary>
    /// <param name="type">A supported element type.</param>
    /// <param name="rows">Outputs, at least 1.</param>
    /// <param name="columns">Inputs, whole blocks.</param>
    /// <param name="data">Rows as the file stores them; not needed afterwards.</param>
    /// <exception cref="ArgumentException">The type is not supported, or rows are not whole blocks.</exception>
    public static WeightMatrix Create(GgmlType type, int rows, int columns, byte* data)
    {
        WeightMatrix matrix = Allocate(type, rows, columns);
        matrix.Pack(data, 0, matrix.Panels);
        return matrix;
    }

    /// <summary>Packs some panels; threads may pack different ones at once.</summary>
    /// <param name="data">The whole matrix's rows as the file stores them; not needed afterwards.</param>
    /// <param name="firstPanel">First panel to pack.</param>
    /// <param name="endPanel">Panel after the last.</param>
    public void Pack(byte* data, int firstPanel, int endPanel) =>
        PanelPacking.Pack(Type, Rows, Columns, data, Data, _scales, firstPanel, endPanel);

    /// <summary>A packed panel.</summary>
    public Panel Panel(int index)
    {
        long at = (long)index * _blocks;
        return new Panel(Data + (at * _layout.CodeBytes), _scales + (at * _layout.ScaleBytes), _blocks);
    }

    /// <inheritdoc/>
    public void Dispose() => _packed.Dispose();
}
