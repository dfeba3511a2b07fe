using System.Buffers.Binary;

namespace Winnow.Inference.Files;

/// <summary>Fills blocks of any weight type with random codes and scales that give weights of about a wanted size.</summary>
public static class RandomWeights
{
    /// <summary>Fills a block.</summary>
    /// <param name="type">A type the CPU backend computes with.</param>
    /// <param name="block">One block of the type.</param>
    /// <param name="random">Where codes and scales come from.</param>
    /// <param name="deviation">Standard deviation of the weights, about.</param>
    public static void Fill(GgmlType type, Span<byte> block, Random random, float deviation)
    {
        random.NextBytes(block);
        switch (type)
        {
            case GgmlType.F32:
                BinaryPrimitives.WriteSingleLittleEndian(block, deviation * Gaussian(random));
                break;
            case GgmlType.F16:
                BinaryPrimitives.WriteHalfLittleEndian(block, (Half)(deviation * Gaussian(random)));
                break;
            case GgmlType.BF16:
                BinaryPrimitives.WriteUInt16LittleEndian(block, (ushort)(BitConverter.SingleToUInt32Bits(deviation * Gaussian(random)) >> 16));
                break;
            case GgmlType.MXFP4:
                block[0] = (byte)(127 + (int)MathF.Round(MathF.Log2(deviation / 3)) + random.Next(2));
                break;
            default:
                WriteScales(type, block, deviation * (0.5f + (float)random.NextDouble()));
                break;
        }
    }

    /// <summary>A number of the standard normal distribution.</summary>
    public static float Gaussian(Random random)
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
        return (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
    }

    // The size of random codes times random sub-block scales; with minima, what they must be times the scale to centre the weights.
    private static void WriteScales(GgmlType type, Span<byte> block, float deviation)
    {
        (int at, float size, float? minimum) = type switch
        {
            GgmlType.Q4_0 => (0, 4.6f, (float?)null),
            GgmlType.Q4_1 => (0, 4.6f, -7.5f),
            GgmlType.Q5_0 => (0, 9.2f, null),
            GgmlType.Q5_1 => (0, 9.2f, -15.5f),
            GgmlType.Q8_0 => (0, 73, null),
            GgmlType.IQ4_NL => (0, 71, null),
            GgmlType.Q2_K => (80, 15, 1.5f),
            GgmlType.Q3_K => (108, 43, null),
            GgmlType.Q4_K => (0, 240, 7.5f),
            GgmlType.Q5_K => (0, 480, 15.5f),
            GgmlType.Q6_K => (208, 1370, null),
            GgmlType.IQ4_XS => (0, 1310, null),
            _ => throw new InvalidOperationException($"No random weights of '{type}'."),
        };
        BinaryPrimitives.WriteHalfLittleEndian(block[at..], (Half)(deviation / size));
        if (minimum is { } factor)
        {
            BinaryPrimitives.WriteHalfLittleEndian(block[(at + 2)..], (Half)(deviation / size * factor));
        }
    }
}
