using ILGPU;

namespace Winnow.Kernels.Rules.Tests.Samples;

/// <summary>What a sample kernel is specialised for.</summary>
internal interface IBlock
{
    static abstract int Bytes { get; }

    static abstract bool IsFlat { get; }

    static virtual int Bias => 8;

    static abstract float Decode(ArrayView<byte> bytes, long offset, int index);

    float Scale(float value);
}
