using Winnow.Fetching.Tests.Support;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Fetching.Tests;

public sealed class ModelCacheTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileServer _server = new();
    private readonly byte[] _bytes = BigModel.Build(2);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void MakeRoom_CacheIsFull_RemovesWhatWasUsedLongestAgo()
    {
        long room = 16L << 20;
        Fetch("a.gguf", room).Dispose();
        Fetch("b.gguf", room).Dispose();
        Fetch("a.gguf", room).Dispose();

        Fetch("c.gguf", room).Dispose();

        Assert.Equal(["a", "c"], Cached());
    }

    [Fact]
    public void MakeRoom_ModelInUse_IsNotRemoved()
    {
        long room = 16L << 20;
        using ModelFile used = Fetch("a.gguf", room);
        Fetch("b.gguf", room).Dispose();

        Fetch("c.gguf", room).Dispose();

        Assert.Equal(["a", "c"], Cached());
        BigModel.AssertTensor(_bytes, used, 1);
    }

    [Fact]
    public void MakeRoom_NothingToRemove_IsRefusedWithTheNumbers()
    {
        ModelFetchException error = Assert.Throws<ModelFetchException>(() => Fetch("a.gguf", 2 << 20).Dispose());

        Assert.Contains("bytes more in the cache", error.Message, StringComparison.Ordinal);
        Assert.Contains("may hold 2097152", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_SeveralAtOnce_AllGetTheFile()
    {
        Task[] fetches = [.. Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(() => Fetch("a.gguf", 0).Dispose(), default, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        await Task.WhenAll(fetches);

        using ModelFile sut = Fetch("a.gguf", 0);
        BigModel.AssertTensor(_bytes, sut, 0);
        BigModel.AssertTensor(_bytes, sut, 1);
    }

    private ModelFile Fetch(string name, long room)
    {
        string url = _server.Add(name, _bytes);
        ModelLibrary library = Library.Open(_folder, options => options.CacheBytes = room);
        ModelFile file = library.Open(url);
        try
        {
            file.RequireTensors(file.Tensors, null, default);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private string[] Cached() =>
        [.. Directory.EnumerateFiles(_folder.File("cache"), "*.gguf", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).Order()!];
}
