using System.Globalization;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Files;

public sealed class ReleasePagesTests : IDisposable
{
    private const int Floats = 1 << 18;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReleasePages_TensorWasRead_IsNoLongerResidentAndReadsTheSame()
    {
        using ModelFile sut = Write();
        GgufTensor tensor = sut.GetTensor("a");
        byte[] before = sut.GetData(tensor).ToArray();
        long resident = ResidentBytes(sut.Path);
        sut.ReleasePages(tensor);

        if (OperatingSystem.IsLinux())
        {
            Assert.True(resident >= tensor.ByteLength, $"{resident} bytes were resident.");
            Assert.True(ResidentBytes(sut.Path) <= resident - tensor.ByteLength, $"{ResidentBytes(sut.Path)} of {resident} bytes are resident.");
        }
        Assert.True(sut.GetData(tensor).SequenceEqual(before));
    }

    [Fact]
    public void ReleasePages_ComputedValues_StayAsTheyWere()
    {
        using ModelFilePart sut = ModelFilePart.Computed("computed", Floats * sizeof(float));
        unsafe
        {
            new Span<byte>(sut.Start, Floats).Fill(7);
            sut.ReleasePages(sut.Start, sut.ByteLength);

            Assert.Equal(-1, new ReadOnlySpan<byte>(sut.Start, Floats).IndexOfAnyExcept((byte)7));
        }
    }

    [Fact]
    public void ReleasePages_TensorOfAnotherFile_Throws()
    {
        using ModelFile sut = Write();
        using ModelFile other = ModelFile.Open(sut.Path);

        Assert.Throws<ArgumentException>(() => sut.ReleasePages(other.GetTensor("a")));
    }

    private ModelFile Write() => ModelFile.Open(
        _folder.Write("model.gguf", new GgufBuilder().Tensor("a", [512, Floats / 512], [.. Enumerable.Range(0, Floats).Select(i => (float)i)]).ToBytes()));

    // The mapping's line ends with the path; a line "Rss:" follows it.
    private static long ResidentBytes(string path)
    {
        long bytes = 0;
        bool mapped = false;
        foreach (string line in OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/smaps") : [])
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            mapped = words[0].EndsWith(':') ? mapped : line.EndsWith(path, StringComparison.Ordinal);
            bytes += mapped && words[0] == "Rss:" ? long.Parse(words[1], CultureInfo.InvariantCulture) * 1024 : 0;
        }
        return bytes;
    }
}
