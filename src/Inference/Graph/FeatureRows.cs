namespace Winnow.Inference.Graph;

/// <summary>Hidden states that a forward pass keeps for a trained head: of every row, after some of the layers. Reused from pass to pass.</summary>
/// <param name="layers">After how many of the model's layers states are kept, ascending; fewer than all, since of the last layer only output rows are computed.</param>
/// <param name="modelSize">C: width of a hidden state.</param>
public sealed class FeatureRows(IReadOnlyList<int> layers, int modelSize)
{
    private float[] _rows = [];

    /// <summary>Floats of a row: one hidden state for each layer, side by side.</summary>
    public int Width => layers.Count * modelSize;

    /// <summary>What was kept of a row.</summary>
    public ReadOnlySpan<float> this[int row] => _rows.AsSpan(row * Width, Width);

    /// <summary>Makes room for a pass.</summary>
    public void Reserve(int rows)
    {
        if (_rows.Length < rows * Width)
        {
            _rows = new float[Math.Max(rows * Width, 2 * _rows.Length)];
        }
    }

    /// <summary>Where states go after so many layers, or -1 when they are not kept.</summary>
    public int PlaceOf(int layersDone)
    {
        for (int i = 0; i < layers.Count; i++)
        {
            if (layers[i] == layersDone)
            {
                return i;
            }
        }
        return -1;
    }

    /// <summary>Keeps a row's state.</summary>
    /// <param name="row">The row.</param>
    /// <param name="place">From <see cref="PlaceOf"/>.</param>
    /// <param name="state">The state (C).</param>
    public void Keep(int row, int place, ReadOnlySpan<float> state) => state.CopyTo(_rows.AsSpan((row * Width) + (place * modelSize), modelSize));
}
