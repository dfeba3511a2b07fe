using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Files;

public sealed class GgufSplitSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Open_AnyPart_HoldsAllTensorsAndTheFirstPartsMetadata(int asked)
    {
        WriteSet();

        using ModelFile sut = ModelFile.Open(Part(asked));

        Assert.Equal(["a", "b", "c"], sut.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([1f, 2f, 3f], sut.Tensors.Select(tensor => BitConverter.ToSingle(sut.GetData(tensor))));
        Assert.Equal("whole", sut.Metadata.GetString("general.name"));
        Assert.Equal(3, sut.Parts.Count);
        Assert.Equal(sut.Parts.Sum(part => new FileInfo(part.Path).Length), sut.ByteLength);
    }

    [Fact]
    public void ContentHash_ChangeInAnyPart_Differs()
    {
        WriteSet();
        string before = HashOf(0);
        Assert.Equal(before, HashOf(2));

        Write(1, First(1).Tensor("b", [1], [2.5f]));

        Assert.NotEqual(before, HashOf(0));
    }

    [Fact]
    public void Open_PartMissing_NamesItsFile()
    {
        WriteSet();
        File.Delete(Part(1));

        Refused(0, Part(1), "part 2 of 3 is 'missing'; expected all parts of the model in one folder");
    }

    [Fact]
    public void Open_PartTwice_SaysWhichNumberItHas()
    {
        WriteSet();
        File.Copy(Part(1), Part(2), overwrite: true);

        Refused(0, Part(2), "metadata 'split.no' is '1'; expected 2, which its file name says");
    }

    [Fact]
    public void Open_PartThatLinksToTheFirst_IsRefused()
    {
        WriteSet();
        File.Delete(Part(1));
        File.CreateSymbolicLink(Part(1), Part(0));

        Refused(0, Part(1), "metadata 'split.no' is '0'; expected 1");
    }

    [Fact]
    public void Open_PartOfAnotherModel_NamesTheKeyThatDiffers()
    {
        WriteSet();
        Write(2, First(2).Set("general.name", "other").Tensor("c", [1], [3]));

        Refused(0, Part(2), "metadata 'general.name' is 'other'; expected whole as in part 1");
    }

    [Fact]
    public void Open_PartOfALargerSet_NamesTheCount()
    {
        WriteSet();
        Write(2, new GgufBuilder().Set("split.no", (ushort)2).Set("split.count", (ushort)4).Set("split.tensors.count", 3).Tensor("c", [1], [3]));

        Refused(0, Part(2), "metadata 'split.count' is '4'; expected 3 as in part 1");
    }

    [Fact]
    public void Open_TensorInTwoParts_NamesIt()
    {
        WriteSet();
        Write(2, First(2).Tensor("a", [1], [3]));

        Refused(0, Part(2), "tensor name is 'a'; expected every name once in all parts");
    }

    [Fact]
    public void Open_TensorsMissing_SaysBothCounts()
    {
        WriteSet();
        Write(2, First(2));

        Refused(0, Part(0), "metadata 'split.tensors.count' is '3'; expected the 2 tensors that the 3 parts hold");
    }

    [Fact]
    public void Open_RenamedPart_SaysTheNameItNeeds()
    {
        WriteSet();
        string path = _folder.File("renamed.gguf");
        File.Move(Part(0), path);

        ModelFileException error = Assert.Throws<ModelFileException>(() => ModelFile.Open(path));

        Assert.Contains("file name is 'renamed.gguf'; expected NAME-00001-of-00003.gguf", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("split.no")]
    [InlineData("split.tensors.count")]
    public void Open_LaterPartWithoutItsKeys_NamesTheKey(string key)
    {
        WriteSet();
        Write(1, First(1).Without(key).Tensor("b", [1], [2]));

        Refused(0, Part(1), $"metadata '{key}' is 'missing'");
    }

    [Fact]
    public void Open_SetOfOne_IsAnOrdinaryFile()
    {
        string path = _folder.Write("one.gguf", new GgufBuilder().Set("split.count", (ushort)1).Tensor("a", [1], [1]).ToBytes());

        using ModelFile sut = ModelFile.Open(path);

        Assert.Single(sut.Tensors);
    }

    private static GgufBuilder First(int number) =>
        new GgufBuilder().Set("split.no", (ushort)number).Set("split.count", (ushort)3).Set("split.tensors.count", 3);

    private void WriteSet()
    {
        Write(0, First(0).Set("general.name", "whole").Tensor("a", [1], [1]));
        Write(1, First(1).Tensor("b", [1], [2]));
        Write(2, First(2).Tensor("c", [1], [3]));
    }

    private void Write(int number, GgufBuilder part) => part.Write(Part(number));

    private string Part(int number) => _folder.File($"model-0000{number + 1}-of-00003.gguf");

    private string HashOf(int number)
    {
        using ModelFile file = ModelFile.Open(Part(number));
        return file.ContentHash;
    }

    private void Refused(int asked, string path, string expected)
    {
        ModelFileException error = Assert.Throws<ModelFileException>(() => ModelFile.Open(Part(asked)));
        Assert.Equal(path, error.Path);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
