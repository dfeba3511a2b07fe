using System.Numerics;

namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>
/// The operations on registers, by NVIDIA's PTX ISA. Floats of 32 bits are computed in double and rounded once, which is exact for one addition, product,
/// quotient or root.
/// </summary>
internal static class PtxArithmetic
{
    /// <summary>An operation of one operand; null where the machine has none of that name.</summary>
    public static Func<ulong, ulong>? Unary(string[] words, PtxType type) => (words[0], type.IsFloat) switch
    {
        ("neg", true) => a => a ^ (1UL << (type.Bits - 1)),
        ("abs", true) => a => a & ~(1UL << (type.Bits - 1)),
        ("sqrt", true) => a => type.FromFloat(Math.Sqrt(type.Float(a))),
        ("rcp", true) when words[1] == "rn" => a => type.FromFloat(1 / type.Float(a)),
        ("ex2", true) => a => Exp2(type.Float(a)),
        ("neg", false) => a => type.FromInteger(-type.Integer(a)),
        ("abs", false) => a => type.FromInteger(Int128.Abs(type.Integer(a))),
        ("not", false) => a => ~a & type.Mask,
        ("popc", false) => a => (ulong)BitOperations.PopCount(a & type.Mask),
        ("clz", false) => a => (ulong)(BitOperations.LeadingZeroCount(a & type.Mask) - (64 - type.Bits)),
        ("brev", false) => a => Reverse(a, type.Bits),
        ("testp", true) => a => Test(words[1], type.Float(a)) ? 1UL : 0,
        _ => null,
    };

    /// <summary>An operation of two operands; null where the machine has none of that name.</summary>
    public static Func<ulong, ulong, ulong>? Binary(string[] words, PtxType type) => type.IsFloat ? BinaryFloat(words, type) : BinaryInteger(words, type);

    /// <summary>An operation of three operands; null where the machine has none of that name.</summary>
    public static Func<ulong, ulong, ulong, ulong>? Ternary(string[] words, PtxType type) => (words[0], words[1]) switch
    {
        ("fma", "rn") when type.Bits == 32 => (a, b, c) => BitConverter.SingleToUInt32Bits(
            MathF.FusedMultiplyAdd((float)type.Float(a), (float)type.Float(b), (float)type.Float(c))),
        ("fma", "rn") => (a, b, c) => type.FromFloat(Math.FusedMultiplyAdd(type.Float(a), type.Float(b), type.Float(c))),
        ("mad", "lo") => (a, b, c) => type.FromInteger((type.Integer(a) * type.Integer(b)) + type.Integer(c)),
        ("mad", "wide") => (a, b, c) => new PtxType(type.Kind, type.Bits * 2).FromInteger((type.Integer(a) * type.Integer(b)) + new PtxType(type.Kind, type.Bits * 2).Integer(c)),
        ("dp4a", _) => Dot,
        _ => null,
    };

    /// <summary>Two numbers as halves in a word.</summary>
    public static uint Pair(double high, double low) =>
        ((uint)BitConverter.HalfToUInt16Bits((System.Half)high) << 16) | BitConverter.HalfToUInt16Bits((System.Half)low);

    /// <summary>The brain float nearest to a float, ties to even.</summary>
    public static uint Brain(uint bits) => float.IsNaN(BitConverter.UInt32BitsToSingle(bits)) ? 0x7FFFU : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;

    /// <summary>The differences of the halves of two words.</summary>
    public static uint SubtractPairs(uint a, uint b) => Pair(Half(a >> 16) - Half(b >> 16), Half(a) - Half(b));

    /// <summary>A comparison by its name, such as <c>lt</c> or <c>ltu</c>.</summary>
    public static Func<ulong, ulong, bool> Compare(string name, PtxType type)
    {
        if (type.IsFloat)
        {
            return (a, b) => CompareFloats(name, type.Float(a), type.Float(b));
        }

        PtxType read = name is "lo" or "ls" or "hi" or "hs" ? type with { Kind = 'u' } : type;
        return (a, b) =>
        {
            int order = read.Kind == 's' ? read.Signed(a).CompareTo(read.Signed(b)) : (a & read.Mask).CompareTo(b & read.Mask);
            return name switch
            {
                "eq" => order == 0,
                "ne" => order != 0,
                "lt" or "lo" => order < 0,
                "le" or "ls" => order <= 0,
                "gt" or "hi" => order > 0,
                "ge" or "hs" => order >= 0,
                _ => throw new NotSupportedException($"Comparison '{name}' is not known to the machine."),
            };
        };
    }

    /// <summary>A conversion; floats become integers towards zero and saturate, and everything else rounds to nearest even.</summary>
    public static Func<ulong, ulong> Convert(PtxType to, PtxType from) => (to.IsFloat, from.IsFloat) switch
    {
        (true, true) => a => to.FromFloat(from.Float(a)),
        (true, false) when to.Bits == 32 && from.Kind == 's' => a => BitConverter.SingleToUInt32Bits(from.Signed(a)),
        (true, false) when to.Bits == 32 => a => BitConverter.SingleToUInt32Bits(a & from.Mask),
        (true, false) => a => to.FromFloat(from.Kind == 's' ? from.Signed(a) : (double)(a & from.Mask)),
        (false, true) => a => to.FromInteger(Saturate(from.Float(a), to)),
        _ when from.Kind == 's' => a => (ulong)from.Signed(a) & to.Mask,
        _ => a => a & from.Mask & to.Mask,
    };

    private static Func<ulong, ulong, ulong>? BinaryFloat(string[] words, PtxType type) => words[0] switch
    {
        "add" => (a, b) => type.FromFloat(type.Float(a) + type.Float(b)),
        "sub" => (a, b) => type.FromFloat(type.Float(a) - type.Float(b)),
        "mul" => (a, b) => type.FromFloat(type.Float(a) * type.Float(b)),
        "div" when words[1] == "rn" => (a, b) => type.FromFloat(type.Float(a) / type.Float(b)),
        "min" => (a, b) => double.IsNaN(type.Float(a)) ? b : double.IsNaN(type.Float(b)) ? a : type.FromFloat(Math.Min(type.Float(a), type.Float(b))),
        "max" => (a, b) => double.IsNaN(type.Float(a)) ? b : double.IsNaN(type.Float(b)) ? a : type.FromFloat(Math.Max(type.Float(a), type.Float(b))),
        "copysign" => (a, b) => (b & ~(1UL << (type.Bits - 1))) | (a & (1UL << (type.Bits - 1))),
        "exch" => (_, b) => b,
        _ => null,
    };

    private static Func<ulong, ulong, ulong>? BinaryInteger(string[] words, PtxType type) => (words[0], words[1]) switch
    {
        ("add", _) => (a, b) => (a + b) & type.Mask,
        ("sub", _) => (a, b) => (a - b) & type.Mask,
        ("mul", "lo") => (a, b) => (a * b) & type.Mask,
        ("mul", "wide") when type.Kind == 'u' => (a, b) => (a & type.Mask) * (b & type.Mask),
        ("mul", "wide") => (a, b) => (ulong)((type.Integer(a) * type.Integer(b)) & ulong.MaxValue),
        ("mul", "hi") => (a, b) => type.FromInteger((type.Integer(a) * type.Integer(b)) >> type.Bits),
        ("div", _) => (a, b) => type.FromInteger(type.Integer(a) / type.Integer(b)),
        ("rem", _) => (a, b) => type.FromInteger(type.Integer(a) % type.Integer(b)),
        ("min", _) => (a, b) => type.FromInteger(Int128.Min(type.Integer(a), type.Integer(b))),
        ("max", _) => (a, b) => type.FromInteger(Int128.Max(type.Integer(a), type.Integer(b))),
        ("and", _) => (a, b) => a & b & type.Mask,
        ("or", _) => (a, b) => (a | b) & type.Mask,
        ("xor", _) => (a, b) => (a ^ b) & type.Mask,
        ("shl", _) => (a, b) => (uint)b >= (uint)type.Bits ? 0 : (a << (int)b) & type.Mask,
        ("shr", _) when type.Kind == 's' => (a, b) => (ulong)(type.Signed(a) >> (int)Math.Min((uint)b, 63)) & type.Mask,
        ("shr", _) => (a, b) => (uint)b >= (uint)type.Bits ? 0 : (a & type.Mask) >> (int)b,
        ("exch", _) => (_, b) => b & type.Mask,
        _ => null,
    };

    private static bool CompareFloats(string name, double a, double b)
    {
        bool isUnordered = double.IsNaN(a) || double.IsNaN(b);
        return name switch
        {
            "eq" => a == b,
            "ne" => !isUnordered && a != b,
            "lt" => a < b,
            "le" => a <= b,
            "gt" => a > b,
            "ge" => a >= b,
            "equ" => isUnordered || a == b,
            "neu" => isUnordered || a != b,
            "ltu" => isUnordered || a < b,
            "leu" => isUnordered || a <= b,
            "gtu" => isUnordered || a > b,
            "geu" => isUnordered || a >= b,
            "num" => !isUnordered,
            "nan" => isUnordered,
            _ => throw new NotSupportedException($"Comparison '{name}' is not known to the machine."),
        };
    }

    private static bool Test(string name, double value) => name switch
    {
        "finite" => double.IsFinite(value),
        "infinite" => double.IsInfinity(value),
        "notanumber" => double.IsNaN(value),
        "number" => !double.IsNaN(value),
        _ => throw new NotSupportedException($"Test '{name}' is not known to the machine."),
    };

    private static double Half(uint bits) => (double)BitConverter.UInt16BitsToHalf((ushort)bits);

    /// <summary>A power of two, rounded once; a device's is an approximation. Small results are flushed to zero.</summary>
    private static ulong Exp2(double value)
    {
        float power = (float)Math.Pow(2, value);
        return BitConverter.SingleToUInt32Bits(float.IsSubnormal(power) ? 0f : power);
    }

    private static Int128 Saturate(double value, PtxType to)
    {
        if (double.IsNaN(value))
        {
            return 0;
        }

        Int128 least = to.Kind == 's' ? -((Int128)1 << (to.Bits - 1)) : 0;
        Int128 most = ((Int128)1 << (to.Kind == 's' ? to.Bits - 1 : to.Bits)) - 1;
        return Int128.Clamp((Int128)Math.Clamp(value, -1e30, 1e30), least, most);
    }

    private static ulong Dot(ulong a, ulong b, ulong c)
    {
        int sum = (int)c;
        for (int shift = 0; shift < 32; shift += 8)
        {
            sum += (sbyte)(a >> shift) * (sbyte)(b >> shift);
        }

        return (uint)sum;
    }

    private static ulong Reverse(ulong value, int bits)
    {
        ulong reversed = 0;
        for (int i = 0; i < bits; i++)
        {
            reversed |= ((value >> i) & 1) << (bits - 1 - i);
        }

        return reversed;
    }
}
