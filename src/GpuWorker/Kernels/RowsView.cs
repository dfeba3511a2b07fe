using ILGPU;

namespace Winnow.GpuWorker.Kernels;

/// <summary>Rows of floats on a device. The default is no rows.</summary>
internal readonly struct RowsView
{
    private readonly ArrayView<float> _values;

    /// <summary>Describes rows.</summary>
    /// <param name="values">Floats, from the first row on; starts at a multiple of 16 bytes.</param>
    /// <param name="width">Elements of a row, at least 1.</param>
    /// <param name="stride">Floats from a row to the next: a multiple of 4, at least the width.</param>
    /// <exception cref="ArgumentException">Width and stride do not fit each other.</exception>
    public RowsView(ArrayView<float> values, int width, int stride)
    {
        if (width < 1 || stride < width || stride % 4 != 0)
        {
            throw new ArgumentException(
                $"Rows of '{width}' floats at a stride of '{stride}' are not allowed; the stride is a multiple of 4 and at least the width.",
                nameof(stride));
        }
        _values = values;
        Width = width;
        Stride = stride;
    }

    /// <summary>Elements of a row.</summary>
    public int Width { get; }

    /// <summary>Floats from a row to the next.</summary>
    public int Stride { get; }

    /// <summary>The floats.</summary>
    public ArrayView<float> Values => _values;

    /// <summary>The floats, four at a time.</summary>
    public ArrayView<FloatQuad> Quads => _values.SubView(0, _values.Length / 4 * 4).Cast<FloatQuad>();

    /// <summary>A width rounded up to the stride that rows usually have: a multiple of 32 floats.</summary>
    public static int StrideOf(int width) => (width + 31) / 32 * 32;

    /// <summary>Checks that rows of a width are there.</summary>
    /// <param name="rows">Rows, not negative.</param>
    /// <param name="width">Elements.</param>
    /// <param name="what">Their name, for the message.</param>
    /// <exception cref="ArgumentException">They are not.</exception>
    public void Require(int rows, int width, string what)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        long needed = rows == 0 ? 0 : ((long)(rows - 1) * Stride) + ((width + 3) / 4 * 4);
        if (width != Width || needed > _values.Length || needed > int.MaxValue)
        {
            throw new ArgumentException(
                $"The {what} has room for '{_values.Length}' floats in rows of '{Width}' at a stride of '{Stride}'; "
                + $"expected '{rows}' rows of '{width}'.",
                what);
        }
    }

    /// <summary>A vector beside rows, four floats at a time; empty where there is none.</summary>
    /// <param name="vector">Floats, padded to a multiple of 4; or none.</param>
    /// <param name="count">Elements that it must have if it has any.</param>
    /// <param name="what">Its name, for the message.</param>
    /// <exception cref="ArgumentException">It is too short.</exception>
    public static ArrayView<FloatQuad> Vector(ArrayView<float> vector, int count, string what)
    {
        if (vector.Length == 0)
        {
            return ArrayView<FloatQuad>.Empty;
        }
        return vector.Length >= (count + 3) / 4 * 4
            ? vector.SubView(0, vector.Length / 4 * 4).Cast<FloatQuad>()
            : throw new ArgumentException($"The {what} has '{vector.Length}' floats; expected '{count}', padded to a multiple of 4.", what);
    }
}
