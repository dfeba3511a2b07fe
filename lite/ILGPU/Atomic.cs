namespace ILGPU;

/// <summary>Changes of memory that no other lane sees half done. Each returns what was there before.</summary>
public static class Atomic
{
    /// <summary>Adds.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static int Add(ref int target, int value) => Interlocked.Add(ref target, value) - value;

    /// <summary>Adds.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static long Add(ref long target, long value) => Interlocked.Add(ref target, value) - value;

    /// <summary>Adds.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static uint Add(ref uint target, uint value) => Interlocked.Add(ref target, value) - value;

    /// <summary>Adds.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static ulong Add(ref ulong target, ulong value) => Interlocked.Add(ref target, value) - value;

    /// <summary>Adds.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static float Add(ref float target, float value)
    {
        float seen = target;
        while (true)
        {
            float found = CompareExchange(ref target, seen, seen + value);
            if (BitConverter.SingleToInt32Bits(found) == BitConverter.SingleToInt32Bits(seen))
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Adds.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static double Add(ref double target, double value)
    {
        double seen = target;
        while (true)
        {
            double found = CompareExchange(ref target, seen, seen + value);
            if (BitConverter.DoubleToInt64Bits(found) == BitConverter.DoubleToInt64Bits(seen))
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the larger.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static int Max(ref int target, int value)
    {
        int seen = target;
        while (true)
        {
            int found = CompareExchange(ref target, seen, IntrinsicMath.Max(seen, value));
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the larger.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static uint Max(ref uint target, uint value)
    {
        uint seen = target;
        while (true)
        {
            uint found = CompareExchange(ref target, seen, IntrinsicMath.Max(seen, value));
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the larger.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static long Max(ref long target, long value)
    {
        long seen = target;
        while (true)
        {
            long found = CompareExchange(ref target, seen, IntrinsicMath.Max(seen, value));
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the larger.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static ulong Max(ref ulong target, ulong value)
    {
        ulong seen = target;
        while (true)
        {
            ulong found = CompareExchange(ref target, seen, IntrinsicMath.Max(seen, value));
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the larger.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static float Max(ref float target, float value)
    {
        float seen = target;
        while (true)
        {
            float found = CompareExchange(ref target, seen, IntrinsicMath.Max(seen, value));
            if (BitConverter.SingleToInt32Bits(found) == BitConverter.SingleToInt32Bits(seen))
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the larger.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static double Max(ref double target, double value)
    {
        double seen = target;
        while (true)
        {
            double found = CompareExchange(ref target, seen, IntrinsicMath.Max(seen, value));
            if (BitConverter.DoubleToInt64Bits(found) == BitConverter.DoubleToInt64Bits(seen))
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the smaller.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static int Min(ref int target, int value)
    {
        int seen = target;
        while (true)
        {
            int found = CompareExchange(ref target, seen, IntrinsicMath.Min(seen, value));
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the smaller.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static uint Min(ref uint target, uint value)
    {
        uint seen = target;
        while (true)
        {
            uint found = CompareExchange(ref target, seen, IntrinsicMath.Min(seen, value));
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the smaller.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static long Min(ref long target, long value)
    {
        long seen = target;
        while (true)
        {
            long found = CompareExchange(ref target, seen, IntrinsicMath.Min(seen, value));
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the smaller.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static ulong Min(ref ulong target, ulong value)
    {
        ulong seen = target;
        while (true)
        {
            ulong found = CompareExchange(ref target, seen, IntrinsicMath.Min(seen, value));
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the smaller.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static float Min(ref float target, float value)
    {
        float seen = target;
        while (true)
        {
            float found = CompareExchange(ref target, seen, IntrinsicMath.Min(seen, value));
            if (BitConverter.SingleToInt32Bits(found) == BitConverter.SingleToInt32Bits(seen))
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the smaller.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static double Min(ref double target, double value)
    {
        double seen = target;
        while (true)
        {
            double found = CompareExchange(ref target, seen, IntrinsicMath.Min(seen, value));
            if (BitConverter.DoubleToInt64Bits(found) == BitConverter.DoubleToInt64Bits(seen))
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Keeps the bits that both have.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static int And(ref int target, int value) => Interlocked.And(ref target, value);

    /// <summary>Keeps the bits that both have.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static uint And(ref uint target, uint value) => Interlocked.And(ref target, value);

    /// <summary>Keeps the bits that both have.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static long And(ref long target, long value) => Interlocked.And(ref target, value);

    /// <summary>Keeps the bits that both have.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static ulong And(ref ulong target, ulong value) => Interlocked.And(ref target, value);

    /// <summary>Sets bits.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static int Or(ref int target, int value) => Interlocked.Or(ref target, value);

    /// <summary>Sets bits.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static uint Or(ref uint target, uint value) => Interlocked.Or(ref target, value);

    /// <summary>Sets bits.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static long Or(ref long target, long value) => Interlocked.Or(ref target, value);

    /// <summary>Sets bits.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static ulong Or(ref ulong target, ulong value) => Interlocked.Or(ref target, value);

    /// <summary>Flips bits.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static int Xor(ref int target, int value)
    {
        int seen = target;
        while (true)
        {
            int found = CompareExchange(ref target, seen, seen ^ value);
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Flips bits.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static uint Xor(ref uint target, uint value)
    {
        uint seen = target;
        while (true)
        {
            uint found = CompareExchange(ref target, seen, seen ^ value);
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Flips bits.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static long Xor(ref long target, long value)
    {
        long seen = target;
        while (true)
        {
            long found = CompareExchange(ref target, seen, seen ^ value);
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Flips bits.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static ulong Xor(ref ulong target, ulong value)
    {
        ulong seen = target;
        while (true)
        {
            ulong found = CompareExchange(ref target, seen, seen ^ value);
            if (found == seen)
            {
                return found;
            }

            seen = found;
        }
    }

    /// <summary>Replaces.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static int Exchange(ref int target, int value) => Interlocked.Exchange(ref target, value);

    /// <summary>Replaces.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static uint Exchange(ref uint target, uint value) => Interlocked.Exchange(ref target, value);

    /// <summary>Replaces.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static long Exchange(ref long target, long value) => Interlocked.Exchange(ref target, value);

    /// <summary>Replaces.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static ulong Exchange(ref ulong target, ulong value) => Interlocked.Exchange(ref target, value);

    /// <summary>Replaces.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static float Exchange(ref float target, float value) => Interlocked.Exchange(ref target, value);

    /// <summary>Replaces.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static double Exchange(ref double target, double value) => Interlocked.Exchange(ref target, value);

    /// <summary>Replaces where the memory has a value.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="compare">The value that it must have.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static int CompareExchange(ref int target, int compare, int value) => Interlocked.CompareExchange(ref target, value, compare);

    /// <summary>Replaces where the memory has a value.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="compare">The value that it must have.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static uint CompareExchange(ref uint target, uint compare, uint value) => Interlocked.CompareExchange(ref target, value, compare);

    /// <summary>Replaces where the memory has a value.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="compare">The value that it must have.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static long CompareExchange(ref long target, long compare, long value) => Interlocked.CompareExchange(ref target, value, compare);

    /// <summary>Replaces where the memory has a value.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="compare">The value that it must have.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static ulong CompareExchange(ref ulong target, ulong compare, ulong value) => Interlocked.CompareExchange(ref target, value, compare);

    /// <summary>Replaces where the memory has a value.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="compare">The value that it must have.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static float CompareExchange(ref float target, float compare, float value) => Interlocked.CompareExchange(ref target, value, compare);

    /// <summary>Replaces where the memory has a value.</summary>
    /// <param name="target">The memory.</param>
    /// <param name="compare">The value that it must have.</param>
    /// <param name="value">The value.</param>
    /// <returns>What was there before.</returns>
    public static double CompareExchange(ref double target, double compare, double value) => Interlocked.CompareExchange(ref target, value, compare);
}
