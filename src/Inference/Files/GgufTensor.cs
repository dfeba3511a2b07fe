namespace Winnow.Inference.Files;

/// <summary>A tensor of a model, as its checked directory entry describes it.</summary>
/// <param name="Name">Unique name, such as <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Type">Element type.</param>
/// <param name="Dimensions">1 to 4 sizes, each at least 1; the first is the row length (ggml's <c>ne[0]</c>), the fastest to vary.</param>
/// <param name="Offset">Position of the data from the beginning of its part, in bytes.</param>
/// <param name="ByteLength">Bytes of data.</param>
/// <param name="Part">Index into <see cref="ModelFile.Parts"/>.</param>
public sealed record GgufTensor(string Name, GgmlType Type, IReadOnlyList<long> Dimensions, long Offset, long ByteLength, int Part = 0)
{
    /// <summary>Elements in all.</summary>
    public long ElementCount => Dimensions.Aggregate(1L, (product, size) => product * size);

    /// <summary>Elements of a row.</summary>
    public long RowElements => Dimensions[0];

    /// <summary>Rows: the product of the sizes after the first.</summary>
    public long RowCount => ElementCount / Dimensions[0];

    /// <summary>Bytes of a row.</summary>
    public long RowBytes => Type.RowBytes(Dimensions[0]);
}
