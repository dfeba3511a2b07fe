using System.Buffers.Binary;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Files;

public sealed class GgufFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_EveryValueType_ReadsTheValuesBack()
    {
        using ModelFile sut = Open(new GgufBuilder()
            .Set("u8", (byte)200).Set("i8", (sbyte)-3).Set("u16", (ushort)60000).Set("i16", (short)-300)
            .Set("u32", 4_000_000_000u).Set("i32", -5).Set("u64", ulong.MaxValue).Set("i64", long.MinValue)
            .Set("f32", 1.5f).Set("f64", 2.25).Set("yes", true).Set("text", "żółw 🐢").Set("empty", "")
            .Set("ints", (int[])[1, -2]).Set("bytes", (byte[])[1, 255]).Set("strings", (string[])["a", "", "ü"])
            .Set("floats", (float[])[0.5f]).Set("flags", (bool[])[true, false]));

        Assert.Equal(18, sut.Metadata.Keys.Count);
        Assert.Equal(200u, sut.Metadata.GetUInt32("u8"));
        Assert.Equal(-3, sut.Metadata.GetInt32("i8"));
        Assert.Equal(60000, sut.Metadata.GetInt32("u16"));
        Assert.Equal(-300, sut.Metadata.GetInt32("i16"));
        Assert.Equal(4_000_000_000u, sut.Metadata.GetUInt32("u32"));
        Assert.Equal(ulong.MaxValue, sut.Metadata.GetUInt64("u64"));
        Assert.Equal(long.MinValue, Assert.IsType<long>(sut.Metadata.TryGet("i64", out GgufValue? i64) ? i64.Value : null));
        Assert.Equal(1.5f, sut.Metadata.GetSingle("f32"));
        Assert.Equal(2.25f, sut.Metadata.GetSingle("f64"));
        Assert.True(sut.Metadata.GetBool("yes"));
        Assert.Equal("żółw 🐢", sut.Metadata.GetString("text"));
        Assert.Equal("", sut.Metadata.GetString("empty"));
        Assert.Equal([1, -2], sut.Metadata.GetInt32s("ints"));
        Assert.Equal([1, 255], sut.Metadata.GetInt32s("bytes"));
        Assert.Equal(["a", "", "ü"], sut.Metadata.GetStrings("strings"));
        Assert.Equal([0.5f], sut.Metadata.GetSingles("floats"));
    }

    [Theory]
    [InlineData(2u)]
    [InlineData(3u)]
    public void Open_SupportedVersion_ReadsTensors(uint version)
    {
        GgufBuilder builder = new GgufBuilder { Version = version }
            .Tensor("a", [2, 3], [1, 2, 3, 4, 5, 6])
            .Tensor("b", GgmlType.Q8_0, [32, 2], [.. Enumerable.Range(0, 68).Select(i => (byte)i)]);
        using ModelFile sut = Open(builder);

        GgufTensor b = sut.GetTensor("b");
        Assert.Equal((int)version, sut.Version);
        Assert.Equal([32L, 2L], b.Dimensions);
        Assert.Equal((68L, 34L, 2L), (b.ByteLength, b.RowBytes, b.RowCount));
        Assert.Equal(67, sut.GetData(b)[67]);
        Assert.Equal(6f, BinaryPrimitives.ReadSingleLittleEndian(sut.GetData(sut.Tensors[0])[20..]));
    }

    [Fact]
    public void Open_LargerAlignment_PlacesDataByIt()
    {
        GgufBuilder builder = new GgufBuilder { Alignment = 128 }.Set("general.alignment", 128u).Tensor("a", [1], [7]).Tensor("b", [1], [8]);
        using ModelFile sut = Open(builder);

        Assert.All(sut.Tensors, tensor => Assert.Equal(0, tensor.Offset % 128));
        Assert.Equal(8f, BinaryPrimitives.ReadSingleLittleEndian(sut.GetData(sut.Tensors[1])));
    }

    [Fact]
    public void Open_NoTensors_NeedsNoDataSection()
    {
        using ModelFile sut = Open(new GgufBuilder().Set("general.name", "vocabulary only"));

        Assert.Empty(sut.Tensors);
    }

    [Fact]
    public void Open_MissingFile_NamesThePath()
    {
        string path = _folder.File("none.gguf");

        ModelFileException error = Assert.Throws<ModelFileException>(() => ModelFile.Open(path));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EmptyFileOrFolder_Throws()
    {
        Assert.Throws<ModelFileException>(() => ModelFile.Open(_folder.Write("empty.gguf", [])));
        Assert.Throws<ModelFileException>(() => ModelFile.Open(_folder.Root));
    }

    [Fact]
    public void GetUInt32_ValueOfAnotherKind_NamesKeyFoundAndExpected()
    {
        using ModelFile sut = Open(new GgufBuilder().Set("text", "x").Set("negative", -1));

        Assert.Contains("'text' is 'String'; expected an integer", Assert.Throws<ModelFileException>(() => sut.Metadata.GetUInt32("text")).Message, StringComparison.Ordinal);
        Assert.Contains("'negative' is '-1'; expected an integer from 0", Assert.Throws<ModelFileException>(() => sut.Metadata.GetUInt32("negative")).Message, StringComparison.Ordinal);
        Assert.Contains("'none' is 'missing'", Assert.Throws<ModelFileException>(() => sut.Metadata.GetUInt32("none")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetPointer_TensorOfAnotherFile_Throws()
    {
        GgufBuilder builder = new GgufBuilder().Tensor("a", [1], [7]);
        using ModelFile sut = Open(builder);
        using ModelFile other = ModelFile.Open(_folder.Write("other.gguf", builder.ToBytes()));

        Assert.Throws<ArgumentException>(() => { sut.GetData(other.Tensors[0]); });
    }

    [Fact]
    public void GetData_AfterDispose_Throws()
    {
        ModelFile sut = Open(new GgufBuilder().Tensor("a", [1], [7]));
        sut.Dispose();
        sut.Dispose();

        Assert.Throws<ObjectDisposedException>(() => { sut.GetData(sut.Tensors[0]); });
    }

    [Fact]
    public void ContentHash_OneBitOfData_Differs()
    {
        byte[] bytes = new GgufBuilder().Tensor("a", [4], [1, 2, 3, 4]).ToBytes();
        using ModelFile first = ModelFile.Open(_folder.Write("first.gguf", bytes));
        using ModelFile same = ModelFile.Open(_folder.Write("same.gguf", bytes));
        bytes[^1] ^= 1;
        using ModelFile changed = ModelFile.Open(_folder.Write("changed.gguf", bytes));

        Assert.Matches("^[0-9a-f]{32}$", first.ContentHash);
        Assert.Equal(first.ContentHash, same.ContentHash);
        Assert.NotEqual(first.ContentHash, changed.ContentHash);
    }

    [Theory]
    [InlineData(GgmlType.F32)]
    [InlineData(GgmlType.F16)]
    [InlineData(GgmlType.Q8_0)]
    [InlineData(GgmlType.Q4_0)]
    public void Open_TinyLlama_IsWellFormed(GgmlType type)
    {
        using ModelFile sut = ModelFile.Open(new TinyLlama { WeightType = type }.Write(_folder));

        Assert.Equal("llama", sut.Metadata.GetString("general.architecture"));
        Assert.Equal(type, sut.GetTensor("blk.1.ffn_down.weight").Type);
    }

    private ModelFile Open(GgufBuilder builder) => ModelFile.Open(_folder.Write("test.gguf", builder.ToBytes()));
}
