using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU;

namespace Winnow.Kernels.Rules.Tests.Samples;

/// <summary>Which types may not be used.</summary>
internal static class RefusedTypes
{
    [Refused(Refusal.Elsewhere, "has a layout of its own")]
    public static void PackedFields(ArrayView<Packed> values, ArrayView<int> output) => output[0] = values[0].Value;

    [Refused(Refusal.Throws, "has a layout of its own")]
    public static void PlacedFields(ArrayView<Placed> values, ArrayView<int> output)
    {
        Placed placed = values[0];
        output[0] = placed.First + placed.Second;
    }

    [Refused(Refusal.Throws, "use structs, views and numbers")]
    public static void InlineArrays(ArrayView<Inline> values, ArrayView<int> output)
    {
        Inline inline = values[0];
        Span<int> span = inline;
        output[0] = span[2];
    }

    [Refused(Refusal.Elsewhere, "holds a bool or char")]
    public static void BoolParameter(ArrayView<int> output, bool flag) => output[0] = flag ? 1 : 0;

    [Refused(Refusal.Elsewhere, "holds a bool or char")]
    public static void BoolInAStruct(ArrayView<int> output, Flagged flagged) => output[0] = flagged.Flag ? flagged.Value : 0;

    [Refused(Refusal.Elsewhere, "holds a bool or char")]
    public static void CharView(ArrayView<int> output, ArrayView<char> text) => output[0] = text[0];

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    internal struct Packed
    {
        public byte Lead;
        public int Value;
    }

    [StructLayout(LayoutKind.Explicit, Size = 4)]
    internal struct Placed
    {
        [FieldOffset(0)]
        public ushort First;

        [FieldOffset(2)]
        public ushort Second;
    }

    internal struct Flagged
    {
        public bool Flag;
        public int Value;
    }

    [InlineArray(4)]
    internal struct Inline
    {
        private int _element;
    }
}
