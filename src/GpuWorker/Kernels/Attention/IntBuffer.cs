namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Integers that grow at the end; memory is kept when they are cleared.</summary>
internal sealed class IntBuffer
{
    private int[] _data = [];

    /// <summary>Integers held.</summary>
    public int Count { get; private set; }

    /// <summary>The integers; valid until the next change.</summary>
    public Span<int> Span => _data.AsSpan(0, Count);

    /// <summary>Forgets all.</summary>
    public void Clear() => Count = 0;

    /// <summary>Makes room at the end, of any content.</summary>
    /// <returns>Index of the first new integer.</returns>
    public int Reserve(int count)
    {
        int at = Count;
        Count = checked(Count + count);
        if (Count > _data.Length)
        {
            Array.Resize(ref _data, Math.Max(Count, 2 * _data.Length));
        }
        return at;
    }

    /// <summary>Adds integers.</summary>
    public void Append(params ReadOnlySpan<int> values)
    {
        int at = Reserve(values.Length);
        values.CopyTo(_data.AsSpan(at));
    }
}
