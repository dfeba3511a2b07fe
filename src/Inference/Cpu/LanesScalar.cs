using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>16 lanes one after another: the reference that the vector widths are held to, and the path for processors without any.</summary>
[InlineArray(16)]
internal unsafe struct LanesScalar : ILanes<LanesScalar>
{
    private float _first;

    public static bool IsSupported => true;

    public static int Registers => 16;

    public static LanesScalar Zero => default;

    public static LanesScalar Broadcast(float value)
    {
        LanesScalar lanes = default;
        ((Span<float>)lanes).Fill(value);
        return lanes;
    }

    public static LanesScalar Load(float* source)
    {
        LanesScalar lanes = default;
        new ReadOnlySpan<float>(source, 16).CopyTo(lanes);
        return lanes;
    }

    public static LanesScalar LoadHalf(ushort* source)
    {
        LanesScalar lanes = default;
        for (int i = 0; i < 16; i++)
        {
            lanes[i] = HalfBits.Widen(source[i]);
        }
        return lanes;
    }

    public static LanesScalar LoadBrain(ushort* source)
    {
        LanesScalar lanes = default;
        for (int i = 0; i < 16; i++)
        {
            lanes[i] = HalfBits.WidenBrain(source[i]);
        }
        return lanes;
    }

    public static LanesScalar LoadInt(int* source)
    {
        LanesScalar lanes = default;
        for (int i = 0; i < 16; i++)
        {
            lanes[i] = source[i];
        }
        return lanes;
    }

    public static LanesScalar LoadBytes(sbyte* source)
    {
        LanesScalar lanes = default;
        for (int i = 0; i < 16; i++)
        {
            lanes[i] = source[i];
        }
        return lanes;
    }

    public static LanesScalar LoadLowNibbles(byte* source)
    {
        LanesScalar lanes = default;
        for (int i = 0; i < 16; i++)
        {
            lanes[i] = (source[i] & 0x0F) - NibbleBits.Offset;
        }
        return lanes;
    }

    public static LanesScalar LoadHighNibbles(byte* source)
    {
        LanesScalar lanes = default;
        for (int i = 0; i < 16; i++)
        {
            lanes[i] = (source[i] >> 4) - NibbleBits.Offset;
        }
        return lanes;
    }

    public static void Store(LanesScalar value, float* destination) => ((ReadOnlySpan<float>)value).CopyTo(new Span<float>(destination, 16));

    public static void StoreHalf(LanesScalar value, ushort* destination)
    {
        for (int i = 0; i < 16; i++)
        {
            destination[i] = HalfBits.Narrow(value[i]);
        }
    }

    public static LanesScalar operator +(LanesScalar left, LanesScalar right)
    {
        for (int i = 0; i < 16; i++)
        {
            left[i] += right[i];
        }
        return left;
    }

    public static LanesScalar operator -(LanesScalar left, LanesScalar right)
    {
        for (int i = 0; i < 16; i++)
        {
            left[i] -= right[i];
        }
        return left;
    }

    public static LanesScalar operator *(LanesScalar left, LanesScalar right)
    {
        for (int i = 0; i < 16; i++)
        {
            left[i] *= right[i];
        }
        return left;
    }

    public static LanesScalar operator /(LanesScalar left, LanesScalar right)
    {
        for (int i = 0; i < 16; i++)
        {
            left[i] /= right[i];
        }
        return left;
    }

    public static LanesScalar Fma(LanesScalar a, LanesScalar b, LanesScalar c)
    {
        for (int i = 0; i < 16; i++)
        {
            c[i] = MathF.FusedMultiplyAdd(a[i], b[i], c[i]);
        }
        return c;
    }

    public static LanesScalar ReplaceBelow(LanesScalar value, LanesScalar limit, LanesScalar replacement)
    {
        for (int i = 0; i < 16; i++)
        {
            value[i] = value[i] < limit[i] ? replacement[i] : value[i];
        }
        return value;
    }

    public static LanesScalar ReplaceAbove(LanesScalar value, LanesScalar limit, LanesScalar replacement)
    {
        for (int i = 0; i < 16; i++)
        {
            value[i] = value[i] > limit[i] ? replacement[i] : value[i];
        }
        return value;
    }

    public static LanesScalar ZeroWhereBelow(LanesScalar value, LanesScalar selector, LanesScalar limit)
    {
        for (int i = 0; i < 16; i++)
        {
            value[i] = selector[i] < limit[i] ? 0 : value[i];
        }
        return value;
    }

    public static LanesScalar PowerOfTwo(LanesScalar shifted)
    {
        for (int i = 0; i < 16; i++)
        {
            shifted[i] = BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(shifted[i]) << 23) + 0x3F800000);
        }
        return shifted;
    }

    public static LanesScalar Abs(LanesScalar value)
    {
        for (int i = 0; i < 16; i++)
        {
            value[i] = MathF.Abs(value[i]);
        }
        return value;
    }

    public static LanesScalar MaxMagnitude(LanesScalar left, LanesScalar right)
    {
        for (int i = 0; i < 16; i++)
        {
            left[i] = BitConverter.Int32BitsToSingle(
                Math.Max(BitConverter.SingleToInt32Bits(left[i]), BitConverter.SingleToInt32Bits(right[i])));
        }
        return left;
    }

    public static int LargestBits(LanesScalar value)
    {
        int largest = BitConverter.SingleToInt32Bits(value[0]);
        for (int i = 1; i < 16; i++)
        {
            largest = Math.Max(largest, BitConverter.SingleToInt32Bits(value[i]));
        }
        return largest;
    }

    public static LanesScalar Max(LanesScalar left, LanesScalar right)
    {
        for (int i = 0; i < 16; i++)
        {
            left[i] = left[i] > right[i] ? left[i] : right[i];
        }
        return left;
    }

    public static float Largest(LanesScalar value)
    {
        float largest = value[0];
        for (int i = 1; i < 16; i++)
        {
            largest = largest > value[i] ? largest : value[i];
        }
        return largest;
    }

    public static int StoreRounded(LanesScalar value, sbyte* bytes)
    {
        int sum = 0;
        for (int i = 0; i < 16; i++)
        {
            float rounded = MathF.Round(value[i], MidpointRounding.ToEven);
            int integer = float.IsNaN(rounded) ? 0 : (int)Math.Clamp(rounded, -127f, 127f);
            bytes[i] = (sbyte)integer;
            sum += integer;
        }
        return sum;
    }

    public static float Sum(LanesScalar value)
    {
        for (int width = 8; width > 0; width /= 2)
        {
            for (int i = 0; i < width; i++)
            {
                value[i] += value[i + width];
            }
        }
        return value[0];
    }
}
