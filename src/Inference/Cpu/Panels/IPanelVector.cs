namespace Winnow.Inference.Cpu.Panels;

/// <summary>
/// One hardware register over some of a panel's 16 outputs, four bytes for each: what the panel products are written in. Every operation says
/// how it reads the bits; integers are exact, so every implementation gives the same results.
/// </summary>
/// <remarks>
/// A <em>partial sum</em> is the implementation's own form of an output's integer sum (pairs of 16-bit words where the processor multiplies
/// bytes into words, one 32-bit integer where it has a dot product); a <em>scale</em> is whatever multiplies that form.
/// </remarks>
/// <typeparam name="TSelf">The implementing type.</typeparam>
internal unsafe interface IPanelVector<TSelf>
    where TSelf : unmanaged, IPanelVector<TSelf>
{
    /// <summary>The processor has the instructions.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Outputs of a register; 16 are a whole panel.</summary>
    static abstract int Lanes { get; }

    /// <summary>All bits zero.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>A register of codes from memory.</summary>
    static abstract TSelf Load(byte* source);

    /// <summary>The entry of a table of 16 bytes for every byte from 0 to 15.</summary>
    static abstract TSelf LookUp(byte* table, TSelf indexes);

    /// <summary><c>(value &gt;&gt; shift) &amp; mask</c> of every byte; the mask must not reach bits that come from a neighbour.</summary>
    static abstract TSelf Right(TSelf value, int shift, byte mask);

    /// <summary><c>(value &lt;&lt; shift) &amp; mask</c> of every byte; the mask must not reach bits that come from a neighbour.</summary>
    static abstract TSelf Left(TSelf value, int shift, byte mask);

    /// <summary>Bits of either.</summary>
    static abstract TSelf operator |(TSelf left, TSelf right);

    /// <summary>How many dot products of codes up to <paramref name="most"/> with activations up to ±127 a partial sum holds.</summary>
    static abstract int Capacity(int most);

    /// <summary>Adds to every output's partial sum the products of its four codes (unsigned) with four activations.</summary>
    static abstract TSelf Dot(TSelf sum, TSelf codes, sbyte* activations);

    /// <summary>The sum of two partial sums.</summary>
    static abstract TSelf Join(TSelf left, TSelf right);

    /// <summary>A scale of <paramref name="value"/> for every output.</summary>
    static abstract TSelf Scale(short value);

    /// <summary>Scales from a signed byte for each output.</summary>
    static abstract TSelf Scales(sbyte* source);

    /// <summary>Two signed bytes for each output, as a pair.</summary>
    static abstract TSelf Pairs(sbyte* source);

    /// <summary>The low nibbles of two bytes for each output, as a pair.</summary>
    static abstract TSelf LowPairs(byte* source);

    /// <summary>The high nibbles of two bytes for each output, as a pair.</summary>
    static abstract TSelf HighPairs(byte* source);

    /// <summary>The first of a pair as scales.</summary>
    static abstract TSelf First(TSelf pairs);

    /// <summary>The second of a pair as scales.</summary>
    static abstract TSelf Second(TSelf pairs);

    /// <summary>Scales times 16.</summary>
    static abstract TSelf Times16(TSelf scales);

    /// <summary>32-bit integers plus partial sums times scales.</summary>
    static abstract TSelf Accumulate(TSelf integers, TSelf sums, TSelf scales);

    /// <summary>32-bit integers plus, for each output, the pair's products with two words.</summary>
    static abstract TSelf AccumulatePairs(TSelf integers, TSelf pairs, short* words);

    /// <summary>32-bit integers plus, for each output, its scale times the sum of two words.</summary>
    static abstract TSelf AccumulateScales(TSelf integers, TSelf scales, short* words);

    /// <summary>32-bit integers from memory.</summary>
    static abstract TSelf LoadIntegers(int* source);

    /// <summary>32-bit integers to memory.</summary>
    static abstract void Store(TSelf integers, int* destination);

    /// <summary>32-bit integers minus <paramref name="value"/>.</summary>
    static abstract TSelf Subtract(TSelf integers, int value);

    /// <summary>32-bit integers minus <paramref name="factor"/> times others.</summary>
    static abstract TSelf SubtractProduct(TSelf integers, TSelf others, int factor);

    /// <summary>Floats widened from halves.</summary>
    static abstract TSelf Halves(byte* source);

    /// <summary>Floats 2^(e - 128) from bytes e (the block exponent of microscaling formats, halved because their codes are doubled).</summary>
    static abstract TSelf Exponents(byte* source);

    /// <summary><c>total = fma(float(integers), scales * factor, total)</c>.</summary>
    static abstract void Finish(float* total, TSelf integers, TSelf scales, float factor);

    /// <summary><c>total = fma(values, factor, total)</c>.</summary>
    static abstract void Finish(float* total, TSelf values, float factor);
}
