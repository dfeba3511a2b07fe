using ILGPU;

namespace Winnow.Contract.Ilgpu.Tests.Formats;

/// <summary>Four signed bytes a block.</summary>
internal readonly struct Signed8 : IFormat
{
    public static int BlockBytes => 4;

    public static bool IsSigned => true;

    public static float Decode(ArrayView<byte> bytes, long offset, int index) => (sbyte)bytes[offset + index];

    public float Scale(float value) => value * 2;
}
