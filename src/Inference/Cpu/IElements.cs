using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>How 16 stored elements become 16 floats.</summary>
internal unsafe interface IElements
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Size { get; }

    /// <summary>Elements from <paramref name="index"/> on.</summary>
    static abstract T Load<T>(byte* data, long index)
        where T : unmanaged, ILanes<T>;
}

/// <summary>Stored as 32-bit floats.</summary>
internal readonly unsafe struct FloatElements : IElements
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* data, long index)
        where T : unmanaged, ILanes<T> => T.Load((float*)data + index);
}

/// <summary>Stored as IEEE halves.</summary>
internal readonly unsafe struct HalfElements : IElements
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* data, long index)
        where T : unmanaged, ILanes<T> => T.LoadHalf((ushort*)data + index);
}

/// <summary>Stored as bfloat16.</summary>
internal readonly unsafe struct BrainElements : IElements
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* data, long index)
        where T : unmanaged, ILanes<T> => T.LoadBrain((ushort*)data + index);
}
