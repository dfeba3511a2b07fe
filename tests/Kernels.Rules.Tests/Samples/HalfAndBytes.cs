using ILGPU;

namespace Winnow.Kernels.Rules.Tests.Samples;

/// <summary>A half and 32 signed bytes.</summary>
internal readonly struct HalfAndBytes : IBlock
{
    public static int Bytes => 34;

    public static bool IsFlat => true;

    public static float Decode(ArrayView<byte> bytes, long offset, int index)
    {
        float scale = Interop.IntAsFloat((ushort)(bytes[offset] | (bytes[offset + 1] << 8)));
        return scale * (sbyte)bytes[offset + 2 + index];
    }

    public float Scale(float value) => value * 2;
}
