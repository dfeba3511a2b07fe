using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu;

/// <summary>
/// A weight matrix (rows = outputs, columns = inputs) ready for the kernels: floats and halves in place in the mapped file, quantised
/// blocks repacked into panels of 16 rows (<see cref="PanelPacking"/>).
/// </summary>
internal sealed unsafe class WeightMatrix : IDisposable
{
    /// <summary>Rows of a panel: one output per lane.</summary>
    public const int PanelRows = 16;

    /// <summary>Elements of a quantised block.</summary>
    public const int BlockElements = 32;

    private readonly NativeBuffer? _packed;

    private WeightMatrix(GgmlType type, int rows, int columns, byte* data, NativeBuffer? packed)
    {
        Type = type;
        Rows = rows;
        Columns = columns;
        Data = data;
        _packed = packed;
    }

    /// <summary>Element type.</summary>
    public GgmlType Type { get; }

    /// <summary>Outputs.</summary>
    public int Rows { get; }

    /// <summary>Inputs.</summary>
    public int Columns { get; }

    /// <summary>Panels, the last one padded with zero rows.</summary>
    public int Panels => (Rows + PanelRows - 1) / PanelRows;

    /// <summary>In place: row-major elements. Packed: the panels' quants, panel by panel.</summary>
    public byte* Data { get; }

    /// <summary>Packed: 16 half scales per panel and block.</summary>
    public ushort* Scales => _packed is null ? null : (ushort*)(Data + PanelPacking.QuantBytes(Type, Panels, Columns));

    /// <summary>Whether inputs are quantised to 8 bits in blocks of 32 before the product.</summary>
    public bool QuantizesInput => _packed is not null;

    /// <summary>Bytes of weights, in place or packed.</summary>
    public long Bytes => _packed?.Bytes ?? Type.RowBytes(Columns) * Rows;

    /// <summary>Whether the CPU backend computes with this element type.</summary>
    public static bool IsSupported(GgmlType type) => type is GgmlType.F32 or GgmlType.F16 or GgmlType.Q8_0 or GgmlType.Q4_0;

    /// <summary>Wraps or packs a row-major matrix.</summary>
    /// <param name="type">A supported element type.</param>
    /// <param name="rows">Outputs, at least 1.</param>
    /// <param name="columns">Inputs, whole blocks.</param>
    /// <param name="data">Rows as the file stores them; must outlive the matrix when the type is used in place.</param>
    public static WeightMatrix Create(GgmlType type, int rows, int columns, byte* data)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (!IsSupported(type))
        {
            throw new ArgumentException($"Weights of type '{type}' are not computed on the CPU; allowed are F32, F16, Q8_0 and Q4_0.", nameof(type));
        }
        if (type is GgmlType.F32 or GgmlType.F16)
        {
            return new WeightMatrix(type, rows, columns, data, packed: null);
        }
        NativeBuffer packed = PanelPacking.Pack(type, rows, columns, data);
        return new WeightMatrix(type, rows, columns, packed.Pointer, packed);
    }

    /// <inheritdoc/>
    public void Dispose() => _packed?.Dispose();
}
