using System.Numerics;
using System.Runtime.InteropServices;

namespace Winnow.Inference.Sampling;

/// <summary>Passes over a row of logits.</summary>
internal static class LogitScan
{
    /// <summary>The largest logit.</summary>
    /// <exception cref="SamplingException">A logit is NaN or positive infinity, or all are negative infinity.</exception>
    public static float Largest(ReadOnlySpan<float> logits)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(logits);
        Vector<float> largest = new(float.NegativeInfinity);
        Vector<int> ordered = Vector<int>.AllBitsSet;
        foreach (Vector<float> vector in vectors)
        {
            ordered &= Vector.Equals(vector, vector);
            largest = Vector.Max(largest, vector);
        }
        bool valid = Vector.EqualsAll(ordered, Vector<int>.AllBitsSet);
        float result = float.NegativeInfinity;
        for (int lane = 0; lane < Vector<float>.Count; lane++)
        {
            result = Math.Max(result, largest[lane]);
        }
        foreach (float logit in logits[(vectors.Length * Vector<float>.Count)..])
        {
            valid &= !float.IsNaN(logit);
            result = Math.Max(result, logit);
        }
        RequireUsable(!valid || result == float.PositiveInfinity ? DrawStatus.NotANumber
            : result == float.NegativeInfinity ? DrawStatus.NoCandidates : DrawStatus.Drawn);
        return result;
    }

    /// <summary>The lowest id with this logit.</summary>
    public static int FirstIndexOf(ReadOnlySpan<float> logits, float value)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(logits);
        Vector<float> wanted = new(value);
        int index = 0;
        while (index < vectors.Length && !Vector.EqualsAny(vectors[index], wanted))
        {
            index++;
        }
        for (index *= Vector<float>.Count; index < logits.Length; index++)
        {
            if (logits[index] == value)
            {
                return index;
            }
        }
        throw new ArgumentException($"No logit equals '{value}'.", nameof(value));
    }

    /// <summary>Throws where a row cannot be drawn from.</summary>
    /// <param name="status">One of <see cref="DrawStatus"/>.</param>
    /// <exception cref="SamplingException">It cannot.</exception>
    public static void RequireUsable(int status)
    {
        if (status == DrawStatus.NotANumber)
        {
            throw new SamplingException(
                SamplingException.NanLogits, "The model's logits hold NaN or infinity; check the model file and the backend's numerics.");
        }
        if (status == DrawStatus.NoCandidates)
        {
            throw new SamplingException(SamplingException.NoCandidates, "Every token is banned or has probability 0; ban fewer tokens.");
        }
    }
}
