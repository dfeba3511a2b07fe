namespace Winnow.Inference.Cpu;

/// <summary>
/// The one virtual vector of the CPU backend: 16 float lanes, whatever the hardware has. Every implementation does the same IEEE
/// operations lane by lane, so kernels written over it give the same bits on all of them.
/// </summary>
/// <remarks>Multiply-add is fused or absent, never left to the compiler; <see cref="Sum"/> has one fixed tree.</remarks>
/// <typeparam name="TSelf">The implementing type.</typeparam>
internal unsafe interface ILanes<TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
    /// <summary>Lanes of the virtual vector.</summary>
    const int Count = 16;

    /// <summary>The processor runs this width in hardware.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Hardware registers of one virtual vector: how many of them a kernel can keep at hand.</summary>
    static abstract int Registers { get; }

    /// <summary>All lanes +0.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>All lanes <paramref name="value"/>.</summary>
    static abstract TSelf Broadcast(float value);

    /// <summary>16 floats from memory, any alignment.</summary>
    static abstract TSelf Load(float* source);

    /// <summary>16 IEEE half floats from memory, widened; infinities and NaN are read as the finite 2^16 range (weights are checked at load).</summary>
    static abstract TSelf LoadHalf(ushort* source);

    /// <summary>16 bfloat16 from memory, widened.</summary>
    static abstract TSelf LoadBrain(ushort* source);

    /// <summary>16 ints from memory, converted (exact below 2^24).</summary>
    static abstract TSelf LoadInt(int* source);

    /// <summary>16 signed bytes from memory, converted.</summary>
    static abstract TSelf LoadBytes(sbyte* source);

    /// <summary>Low four bits of 16 bytes from memory, less 8, converted.</summary>
    static abstract TSelf LoadLowNibbles(byte* source);

    /// <summary>High four bits of 16 bytes from memory, less 8, converted.</summary>
    static abstract TSelf LoadHighNibbles(byte* source);

    /// <summary>16 floats to memory, any alignment.</summary>
    static abstract void Store(TSelf value, float* destination);

    /// <summary>16 half floats to memory, rounded to nearest even.</summary>
    static abstract void StoreHalf(TSelf value, ushort* destination);

    /// <summary>Lane by lane sum.</summary>
    static abstract TSelf operator +(TSelf left, TSelf right);

    /// <summary>Lane by lane difference.</summary>
    static abstract TSelf operator -(TSelf left, TSelf right);

    /// <summary>Lane by lane product.</summary>
    static abstract TSelf operator *(TSelf left, TSelf right);

    /// <summary>Lane by lane quotient.</summary>
    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary><c>a * b + c</c> with one rounding.</summary>
    static abstract TSelf Fma(TSelf a, TSelf b, TSelf c);

    /// <summary><c>value &lt; limit ? replacement : value</c>; NaN stays.</summary>
    static abstract TSelf ReplaceBelow(TSelf value, TSelf limit, TSelf replacement);

    /// <summary><c>value &gt; limit ? replacement : value</c>; NaN stays.</summary>
    static abstract TSelf ReplaceAbove(TSelf value, TSelf limit, TSelf replacement);

    /// <summary><c>selector &lt; limit ? 0 : value</c>.</summary>
    static abstract TSelf ZeroWhereBelow(TSelf value, TSelf selector, TSelf limit);

    /// <summary>2^n, where the low bits of <paramref name="shifted"/> hold n after adding 1.5 * 2^23; n in [-126, 127].</summary>
    static abstract TSelf PowerOfTwo(TSelf shifted);

    /// <summary>Absolute values.</summary>
    static abstract TSelf Abs(TSelf value);

    /// <summary>Larger of two non-negative lanes by bit pattern, so that NaN wins.</summary>
    static abstract TSelf MaxMagnitude(TSelf left, TSelf right);

    /// <summary>Largest lane by bit pattern, of lanes that are not negative.</summary>
    static abstract int LargestBits(TSelf value);

    /// <summary>Larger of two lanes; the right one when either is NaN.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>Largest lane; unspecified when one is NaN.</summary>
    static abstract float Largest(TSelf value);

    /// <summary>Rounds to the nearest integer, halves to even, clamps to ±127 (NaN becomes 0) and stores bytes.</summary>
    /// <param name="value">16 values.</param>
    /// <param name="bytes">16 signed bytes.</param>
    /// <returns>Sum of the 16 integers.</returns>
    static abstract int StoreRounded(TSelf value, sbyte* bytes);

    /// <summary>Sum in the fixed tree: lanes i and i+8, then i and i+4, i and i+2, i and i+1.</summary>
    static abstract float Sum(TSelf value);
}
