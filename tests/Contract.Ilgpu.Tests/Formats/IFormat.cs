using ILGPU;

namespace Winnow.Contract.Ilgpu.Tests.Formats;

/// <summary>A block format that kernels are specialised for, with members of every kind that a struct type argument may bring.</summary>
internal interface IFormat
{
    static abstract int BlockBytes { get; }

    static abstract bool IsSigned { get; }

    static virtual int Bias => 0;

    static abstract float Decode(ArrayView<byte> bytes, long offset, int index);

    float Scale(float value);
}
