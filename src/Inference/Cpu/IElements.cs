using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>How 16 stored elements become 16 floats.</summary>
internal unsafe interface IElements
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Size { get; }

    /// <summary>The exponent's bits in an element of 16 bits; all set in infinities and NaN.</summary>
    static abstract ushort Exponent { get; }

    /// <summary>One element.</summary>
    static abstract float Read(byte* data, long index);

    /// <summary>Elements from <paramref name="index"/> on.</summary>
    static abstract T Load<T>(byte* data, long index)
        where T : unmanaged, ILanes<T>;

    /// <summary>Copies neighbouring elements to places 16 elements apart.</summary>
    static abstract void Scatter(byte* source, int count, byte* destination);
}

/// <summary>Stored as 32-bit floats.</summary>
internal readonly unsafe struct FloatElements : IElements
{
    public static int Size => sizeof(float);

    public static ushort Exponent => 0;

    public static float Read(byte* data, long index) => ((float*)data)[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* data, long index)
        where T : unmanaged, ILanes<T> => T.Load((float*)data + index);

    public static void Scatter(byte* source, int count, byte* destination) => Elements.Scatter((uint*)source, count, (uint*)destination);
}

/// <summary>Stored as IEEE halves.</summary>
internal readonly unsafe struct HalfElements : IElements
{
    public static int Size => sizeof(ushort);

    public static ushort Exponent => 0x7C00;

    public static float Read(byte* data, long index) => HalfBits.Widen(((ushort*)data)[index]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* data, long index)
        where T : unmanaged, ILanes<T> => T.LoadHalf((ushort*)data + index);

    public static void Scatter(byte* source, int count, byte* destination) => Elements.Scatter((ushort*)source, count, (ushort*)destination);
}

/// <summary>Stored as bfloat16.</summary>
internal readonly unsafe struct BrainElements : IElements
{
    public static int Size => sizeof(ushort);

    public static ushort Exponent => 0x7F80;

    public static float Read(byte* data, long index) => HalfBits.WidenBrain(((ushort*)data)[index]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* data, long index)
        where T : unmanaged, ILanes<T> => T.LoadBrain((ushort*)data + index);

    public static void Scatter(byte* source, int count, byte* destination) => Elements.Scatter((ushort*)source, count, (ushort*)destination);
}

/// <summary>What elements of all types share.</summary>
internal static unsafe class Elements
{
    /// <summary>Copies neighbouring elements to places 16 elements apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scatter<TValue>(TValue* source, int count, TValue* destination)
        where TValue : unmanaged
    {
        for (int i = 0; i < count; i++)
        {
            destination[i * (long)WeightMatrix.PanelRows] = source[i];
        }
    }
}
