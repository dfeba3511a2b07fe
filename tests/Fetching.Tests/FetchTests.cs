using System.Security.Cryptography;
using Winnow.Fetching.Tests.Support;
using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Fetching.Tests;

/// <summary>Models from a server that behaves.</summary>
public sealed class FetchTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileServer _server = new();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void Open_Url_FetchesTheHeaderAlone()
    {
        byte[] bytes = BigModel.Build(8);
        using ModelLibrary library = Library.Open(_folder);

        using ModelFile sut = library.Open(_server.Add("a.gguf", bytes));

        Assert.Equal(8, sut.Tensors.Count);
        Assert.InRange(_server.SentBytes, 1, ChunkPlan.ChunkBytes + 1);
    }

    [Fact]
    public void RequireTensors_SomeOfThem_FetchesTheirChunksAlone()
    {
        byte[] bytes = BigModel.Build(8);
        using ModelLibrary library = Library.Open(_folder);
        using ModelFile sut = library.Open(_server.Add("a.gguf", bytes));
        var progress = new LastProgress();

        sut.RequireTensors([sut.GetTensor("blk.5.weight"), sut.GetTensor("blk.6.weight")], progress, default);

        BigModel.AssertTensor(bytes, sut, 5);
        BigModel.AssertTensor(bytes, sut, 6);
        Assert.InRange(_server.SentBytes, 2 * BigModel.TensorBytes, (2 * BigModel.TensorBytes) + (4 * ChunkPlan.ChunkBytes));
        Assert.Equal(progress.Last.NeededBytes, progress.Last.DoneBytes);
        Assert.InRange(progress.Last.NeededBytes, 2 * BigModel.TensorBytes, (2 * BigModel.TensorBytes) + (2 * ChunkPlan.ChunkBytes));
    }

    [Fact]
    public void GetData_TensorNotAskedForBefore_IsFetchedAndNeverZeros()
    {
        byte[] bytes = BigModel.Build(3);
        using ModelLibrary library = Library.Open(_folder);
        using ModelFile sut = library.Open(_server.Add("a.gguf", bytes));

        BigModel.AssertTensor(bytes, sut, 2);
    }

    [Fact]
    public void Open_Again_TakesWhatIsThereAndChecksIt()
    {
        byte[] bytes = BigModel.Build(3);
        string url = _server.Add("a.gguf", bytes);
        Fetch(url, 0, 1, 2);
        long before = _server.SentBytes;

        using ModelLibrary library = Library.Open(_folder);
        using ModelFile sut = library.Open(url);
        BigModel.AssertTensor(bytes, sut, 1);

        Assert.Equal(before + 1, _server.SentBytes);
    }

    [Fact]
    public void Open_ChunkDamagedOnDisk_IsFetchedAgain()
    {
        byte[] bytes = BigModel.Build(3);
        string url = _server.Add("a.gguf", bytes);
        Fetch(url, 0, 1, 2);
        DamageCache(bytes, 2 * ChunkPlan.ChunkBytes);

        using ModelLibrary library = Library.Open(_folder);
        using ModelFile sut = library.Open(url);

        BigModel.AssertTensor(bytes, sut, 0);
    }

    [Fact]
    public void Open_ServerGone_UsesTheCache()
    {
        byte[] bytes = BigModel.Build(2);
        string url = _server.Add("a.gguf", bytes);
        Fetch(url, 0, 1);
        _server.Misbehave = async (context, _) =>
        {
            context.Response.StatusCode = 503;
            await context.Response.CompleteAsync();
            return true;
        };

        using ModelLibrary library = Library.Open(_folder);
        using ModelFile sut = library.Open(url);

        BigModel.AssertTensor(bytes, sut, 1);
    }

    [Fact]
    public void Open_FileChangedOnServer_IsAnotherModel()
    {
        string url = _server.Add("a.gguf", BigModel.Build(2));
        Fetch(url, 0, 1);
        byte[] changed = BigModel.Build(2, seed: 2);
        _server.Add("a.gguf", changed);
        _server.ETag = "\"two\"";

        using ModelLibrary library = Library.Open(_folder);
        using ModelFile sut = library.Open(url);

        BigModel.AssertTensor(changed, sut, 0);
    }

    [Fact]
    public void Open_ServerWithoutParts_FetchesAll()
    {
        byte[] bytes = BigModel.Build(2);
        _server.HasRanges = false;
        using ModelLibrary library = Library.Open(_folder);

        using ModelFile sut = library.Open(_server.Add("a.gguf", bytes));

        BigModel.AssertTensor(bytes, sut, 0);
        BigModel.AssertTensor(bytes, sut, 1);
        Assert.Equal(["/a.gguf bytes=0-0", "/a.gguf ", "/a.gguf.sha256 "], _server.Requests);
    }

    [Fact]
    public void ContentHash_LocalAndFetched_IsEqual()
    {
        byte[] bytes = BigModel.Build(23);
        Assert.True(bytes.Length > 64 << 20);
        using var local = ModelFile.Open(_folder.Write("b.gguf", bytes));
        using ModelLibrary library = Library.Open(_folder);
        using ModelFile sut = library.Open(_server.Add("a.gguf", bytes));

        Assert.Equal(local.ContentHash, sut.ContentHash);
        Assert.InRange(_server.SentBytes, 1, 34 * ChunkPlan.ChunkBytes);
    }

    [Fact]
    public void Open_RightChecksum_FetchesAllAndChecksOnce()
    {
        byte[] bytes = BigModel.Build(3);
        string url = $"{_server.Add("a.gguf", bytes)}#sha256={Convert.ToHexStringLower(SHA256.HashData(bytes))}";
        Fetch(url, 0);

        using ModelLibrary library = Library.Open(_folder);
        using ModelFile sut = library.Open(url);
        BigModel.AssertTensor(bytes, sut, 2);

        Assert.Equal(bytes.Length + 2, _server.SentBytes);
    }

    [Fact]
    public void RequireTensors_WrongChecksum_IsRefusedAndNothingIsKept()
    {
        byte[] bytes = BigModel.Build(2);
        using ModelLibrary library = Library.Open(_folder);
        using ModelFile sut = library.Open($"{_server.Add("a.gguf", bytes)}#sha256={new string('0', 64)}");

        ModelFetchException error = Assert.Throws<ModelFetchException>(() => sut.RequireTensors([sut.Tensors[0]], null, default));

        Assert.Contains("its SHA-256 is '", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, ChunkMap.PresentBytes(Directory.EnumerateFiles(_folder.Root, "*.chunks", SearchOption.AllDirectories).Single()));
    }

    [Fact]
    public void RequireTensors_ChunkFetchedAnewAfterTheWholeWasChecked_IsCheckedWithIt()
    {
        byte[] bytes = BigModel.Build(3);
        string url = $"{_server.Add("a.gguf", bytes)}#sha256={Convert.ToHexStringLower(SHA256.HashData(bytes))}";
        Fetch(url, 0);
        // The cache loses a chunk, and the server's file is another by now, though it says that it is the same.
        DamageCache(bytes, bytes.Length - 1);
        bytes[^2] ^= 1;

        ModelFetchException error = Assert.Throws<ModelFetchException>(() => Fetch(url, 2));

        Assert.Contains("its SHA-256 is '", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RequireTensors_WrongChecksumBesideTheFile_IsRefusedOnceAllIsThere()
    {
        byte[] bytes = BigModel.Build(2);
        string url = _server.Add("a.gguf", bytes);
        _server.Add("a.gguf.sha256", System.Text.Encoding.ASCII.GetBytes($"{new string('1', 64)}  a.gguf\n"));
        using ModelLibrary library = Library.Open(_folder);
        using ModelFile sut = library.Open(url);

        Assert.Throws<ModelFetchException>(() => sut.RequireTensors(sut.Tensors, null, default));
    }

    [Fact]
    public void Open_PartOfASplitSet_HasAllParts()
    {
        byte[][] parts = [.. Enumerable.Range(0, 2).Select(part => SplitPart(part, 2))];
        _server.Add("m-00001-of-00002.gguf", parts[0]);
        string url = _server.Add("m-00002-of-00002.gguf", parts[1]);
        using ModelLibrary library = Library.Open(_folder);

        using ModelFile sut = library.Open(url);

        Assert.Equal(["blk.0.weight", "blk.1.weight"], sut.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(7, sut.GetData(sut.GetTensor("blk.1.weight"))[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Open_HuggingFaceFolder_IsTheModel(int shards)
    {
        using var gguf = ModelFile.Open(new TinyLlama().Write(_folder));
        string folder = new HuggingFaceFolder(gguf, shards).Write(_folder);
        foreach (string path in Directory.EnumerateFiles(folder))
        {
            _server.Add($"tiny/{Path.GetFileName(path)}", File.ReadAllBytes(path));
        }
        using var local = ModelFile.Open(folder);
        using ModelLibrary library = Library.Open(_folder);

        using ModelFile sut = library.Open($"{_server.Address}/tiny/");

        Assert.Equal(local.ContentHash, sut.ContentHash);
        Assert.Equal(local.Tensors.Select(tensor => tensor.Name), sut.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(TokenizerFactory.FromFile(local).VocabularySize, TokenizerFactory.FromFile(sut).VocabularySize);
    }

    private static byte[] SplitPart(int number, int count) => new GgufBuilder()
        .Set("general.architecture", "llama").Set("split.no", (ushort)number).Set("split.count", (ushort)count).Set("split.tensors.count", count)
        .Tensor($"blk.{number}.weight", GgmlType.I8, [32], [.. Enumerable.Repeat((byte)(6 + number), 32)]).ToBytes();

    private void DamageCache(byte[] bytes, int at)
    {
        using FileStream file = File.OpenWrite(Directory.EnumerateFiles(_folder.Root, "a.gguf", SearchOption.AllDirectories).Single());
        file.Position = at;
        file.WriteByte((byte)~bytes[at]);
    }

    private void Fetch(string url, params int[] tensors)
    {
        using ModelLibrary library = Library.Open(_folder);
        using ModelFile file = library.Open(url);
        file.RequireTensors(tensors.Select(tensor => file.GetTensor($"blk.{tensor}.weight")), null, default);
    }

    private sealed class LastProgress : IProgress<FetchProgress>
    {
        public FetchProgress Last { get; private set; }

        public void Report(FetchProgress value)
        {
            lock (this)
            {
                Last = value.DoneBytes > Last.DoneBytes ? value : Last;
            }
        }
    }
}
