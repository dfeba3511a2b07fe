using ILGPU;

namespace Winnow.Contract.Ilgpu.Tests.Formats;

/// <summary>Four nibbles a block, eight below their value.</summary>
internal readonly struct Biased4 : IFormat
{
    public static int BlockBytes => 2;

    public static bool IsSigned => false;

    public static int Bias => 8;

    public static float Decode(ArrayView<byte> bytes, long offset, int index) => (bytes[offset + (index / 2)] >> (4 * (index % 2))) & 15;

    public float Scale(float value) => value * 0.5f;
}
