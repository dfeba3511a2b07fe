using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Files;

public sealed class GgufBadFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, GgufBuilder> BadFiles { get; } = new()
    {
        { "magic is '0x12345678'; expected 0x46554747", new GgufBuilder { Magic = 0x12345678 } },
        { "expected 0x46554747 ('GGUF'); the file is a Git LFS pointer", new GgufBuilder { Magic = 0x73726576 } },
        { "version is '1'; expected 2 or 3", new GgufBuilder { Version = 1 } },
        { "version is '50331648'; expected 2 or 3; the file seems to be big-endian", new GgufBuilder { Version = 0x03000000 } },
        { "metadata key is 'a'; expected every key once", new GgufBuilder().Set("a", 1).Set("a", 2) },
        { "key of metadata pair 0 is ''", new GgufBuilder().Set("", 1) },
        { "metadata 'a', type is '13'", new GgufBuilder().SetRaw("a", (GgufValueType)13, [0]) },
        { "metadata 'a' is '2'; expected 0 or 1", new GgufBuilder().SetRaw("a", GgufValueType.Bool, [2]) },
        { "metadata 'a', element type is 'Array'", new GgufBuilder().SetRaw("a", GgufValueType.Array, [9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]) },
        { "metadata 'a', element count is '18446744073709551615'", new GgufBuilder().SetRaw("a", GgufValueType.Array, [4, 0, 0, 0, .. AllOnes]) },
        { "metadata 'a', element count is '4294967296'", new GgufBuilder().SetRaw("a", GgufValueType.Array, [8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]) },
        { "metadata 'a', length is '18446744073709551615'", new GgufBuilder().SetRaw("a", GgufValueType.String, AllOnes) },
        { "general.alignment is '48'", new GgufBuilder().Set("general.alignment", 48u) },
        { "general.alignment is '0'", new GgufBuilder().Set("general.alignment", 0u) },
        { "general.alignment is 'String'", new GgufBuilder().Set("general.alignment", "32") },
        { "tensor name is 't'; expected every name once", new GgufBuilder().Tensor("t", [1], [1]).Tensor("t", [1], [1]) },
        { "name of tensor 0 is ''", new GgufBuilder().Tensor("", [1], [1]) },
        { "tensor 't', dimension count is '0'", new GgufBuilder().Tensor("t", [], [1]) },
        { "tensor 't', dimension count is '5'", new GgufBuilder().Tensor("t", [1, 1, 1, 1, 1], [1]) },
        { "tensor 't', dimensions is '0x4'", new GgufBuilder().Tensor("t", [0, 4], [1]) },
        { "tensor 't', dimensions is '18446744073709551615'", new GgufBuilder().Tensor("t", [-1], [1]) },
        { "fewer than 2^63 elements", new GgufBuilder().Tensor("t", [1L << 40, 1L << 40], [1]) },
        { "tensor 't', bytes is '", new GgufBuilder().Tensor("t", [1L << 62], [1]) },
        { "tensor 't', type is '5'", new GgufBuilder().Tensor("t", (GgmlType)5, [32], new byte[32]) },
        { "tensor 't', row length is '33'; expected a multiple of 32", new GgufBuilder().Tensor("t", GgmlType.Q8_0, [33], new byte[34]) },
        { "tensor 't', offset is '0'; expected 8 bytes of data", new GgufBuilder().Tensor("t", [2], [1]) },
        { "tensor 't', offset is '8'; expected a multiple of the alignment 32", new GgufBuilder { OffsetOf = (_, _) => 8 }.Tensor("t", [1], [1]) },
        { "tensor 't', offset is '9223372036854775776'", new GgufBuilder { OffsetOf = (_, _) => long.MaxValue - 31 }.Tensor("t", [1], [1]) },
        { "tensor 't', offset is '18446744073709551584'", new GgufBuilder { OffsetOf = (_, _) => -32 }.Tensor("t", [1], [1]) },
        { "they overlap", new GgufBuilder { OffsetOf = (_, _) => 0 }.Tensor("s", [1], [1]).Tensor("t", [1], [1]) },
    };

    private static byte[] AllOnes => [255, 255, 255, 255, 255, 255, 255, 255];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(BadFiles), DisableDiscoveryEnumeration = true)]
    public void Open_BadFile_SaysFieldFoundAndExpectedInOneLine(string expected, GgufBuilder builder)
    {
        string path = _folder.Write("bad.gguf", builder.ToBytes());

        ModelFileException error = Assert.Throws<ModelFileException>(() => ModelFile.Open(path));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData(8, "tensor count")]
    [InlineData(16, "metadata count")]
    public void Open_CountBeyondTheFile_NamesIt(int position, string field)
    {
        byte[] bytes = new GgufBuilder().Tensor("t", [1], [1]).ToBytes();
        bytes[position + 3] = 1;

        ModelFileException error = Assert.Throws<ModelFileException>(() => ModelFile.Open(_folder.Write("bad.gguf", bytes)));

        Assert.Equal(field, error.Field);
    }

    [Fact]
    public void Open_HostileNames_StayOnOneLine()
    {
        byte[] bytes = new GgufBuilder().Set("a\nb\u2028" + new string('x', 500), 1).Set("a\nb\u2028" + new string('x', 500), 1).ToBytes();

        ModelFileException error = Assert.Throws<ModelFileException>(() => ModelFile.Open(_folder.Write("bad.gguf", bytes)));

        Assert.DoesNotContain('\n', error.Message);
        Assert.DoesNotContain('\u2028', error.Message);
        Assert.True(error.Message.Length < 500);
    }

    [Fact]
    public void Open_EveryPrefix_ThrowsOnlyModelFileException()
    {
        byte[] bytes = Sample().ToBytes();
        string path = _folder.File("prefix.gguf");
        for (int length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.Throws<ModelFileException>(() => ModelFile.Open(path));
        }
    }

    [Fact]
    public void Open_RandomDamage_SucceedsOrThrowsModelFileException()
    {
        byte[] whole = Sample().ToBytes();
        Random random = new(20261121);
        string path = _folder.File("damaged.gguf");
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = [.. whole];
            for (int flips = random.Next(1, 5); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)255 : (byte)random.Next(256);
            }
            File.WriteAllBytes(path, bytes);
            TryReadEverything(path);
        }
    }

    private static void TryReadEverything(string path)
    {
        try
        {
            using ModelFile file = ModelFile.Open(path);
            foreach (GgufTensor tensor in file.Tensors)
            {
                _ = file.GetData(tensor)[^1];
            }
            _ = file.ContentHash;
        }
        catch (ModelFileException error)
        {
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    private static GgufBuilder Sample() => new GgufBuilder()
        .Set("general.alignment", 32u).Set("text", "hello").Set("strings", (string[])["one", "two"]).Set("floats", (float[])[1, 2])
        .Set("flag", true).Set("flags", (bool[])[true]).Set("wide", 1.0)
        .Tensor("a", [2, 2], [1, 2, 3, 4]).Tensor("b", GgmlType.Q4_0, [32], new byte[18]);
}
