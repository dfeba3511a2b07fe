using Winnow.Inference.Cpu;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Cosines and sines for the rows of a pass, made on the host by the CPU backend's table, so that every scaling gives the same bits on every device.
/// </summary>
internal sealed class RopeAngles
{
    private readonly RopeTable _table;

    /// <summary>Computes the table.</summary>
    /// <param name="rope">Rotation's constants.</param>
    /// <param name="contextTokens">Positions.</param>
    /// <param name="divisors">Divisors of the frequencies, or empty.</param>
    public RopeAngles(RopeBlock rope, int contextTokens, ReadOnlySpan<float> divisors) => _table = new RopeTable(rope, contextTokens, divisors);

    /// <summary>Floats of a row: cosines of all pairs, then sines.</summary>
    public int RowFloats => 2 * _table.Pairs;

    /// <summary>Writes the angles of every row of a pass.</summary>
    /// <param name="pass">Rows with their positions.</param>
    /// <param name="destination">At least rows times <see cref="RowFloats"/>.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public unsafe void Write(PassMetadata pass, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (destination.Length < pass.RowCount * RowFloats)
        {
            throw new ArgumentException(
                $"There is room for '{destination.Length}' angles; '{pass.RowCount}' rows need {pass.RowCount * RowFloats}.", nameof(destination));
        }
        ReadOnlySpan<int> rows = pass.Data;
        fixed (float* angles = destination)
        {
            for (int row = 0; row < pass.RowCount; row++)
            {
                _table.Write(rows[(row * PassMetadata.RowInts) + PassMetadata.RowPosition], angles + (row * RowFloats));
            }
        }
    }
}
