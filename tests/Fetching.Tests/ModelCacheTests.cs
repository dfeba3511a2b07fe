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
        Assert.Contains("of the 2097152 bytes that it may hold", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MakeRoom_LargerThanTheLimit_IsRefusedAndRemovesNothing()
    {
        const long room = 15 << 19;
        byte[] large = BigModel.Build(3);
        Fetch("a.gguf", room).Dispose();

        ModelFetchException error = Assert.Throws<ModelFetchException>(() => Fetch("b.gguf", room, large).Dispose());

        Assert.Contains($"it needs '{large.Length - ChunkPlan.ChunkBytes}' bytes more", error.Message, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], Cached());
    }

    [Fact]
    public async Task MakeRoom_WhileAFetchIsInFlight_CountsWhatItBrings()
    {
        long room = 10L << 20;
        Fetch("old.gguf", room).Dispose();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task first = await FetchSlowlyAsync("a.gguf", room, held.Task);
        string[] during = Cached();

        ModelFetchException error = Assert.Throws<ModelFetchException>(() => Fetch("b.gguf", room).Dispose());
        held.SetResult();
        await first;
        Fetch("b.gguf", room).Dispose();

        Assert.Contains("models in use and what is being fetched for them take", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("old", during);
        Assert.Equal(["b"], Cached());
    }

    [Fact]
    public async Task MakeRoom_TheSameChunksByTwo_CountsThemOnce()
    {
        long room = 8L << 20;
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task first = await FetchSlowlyAsync("a.gguf", room, held.Task);

        Task second = Start(() => Fetch("a.gguf", room).Dispose());
        await UntilPromisedAsync(2);
        held.SetResult();

        await Task.WhenAll(first, second);
    }

    [Fact]
    public void MakeRoom_AfterAFetchThatDied_CountsWhatItBroughtAlone()
    {
        using (ModelFile file = Fetch("a.gguf", 0))
        {
        }
        string map = Directory.EnumerateFiles(_folder.Root, "*" + ChunkMap.Extension, SearchOption.AllDirectories).Single();
        File.WriteAllBytes(map + ".1.promise", System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>([1, 2, 100]));

        Fetch("b.gguf", 14 << 20).Dispose();

        Assert.Equal(["a", "b"], Cached());
        Assert.False(File.Exists(map + ".1.promise"));
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

    private static Task Start(Action fetch) => Task.Factory.StartNew(fetch, default, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Begins a fetch whose tensors the server holds back: answers when it asks for them.</summary>
    private async Task<Task> FetchSlowlyAsync(string name, long room, Task held)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Misbehave = async (context, range) =>
        {
            if (context.Request.Path == $"/{name}" && range.End.Value > ChunkPlan.ChunkBytes)
            {
                asked.TrySetResult();
                await held;
            }
            return false;
        };
        Task fetch = Start(() => Fetch(name, room).Dispose());
        await await Task.WhenAny(asked.Task, fetch);
        return fetch;
    }

    private async Task UntilPromisedAsync(int count)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(10));
        while (Directory.EnumerateFiles(_folder.Root, "*.promise", SearchOption.AllDirectories).Count() < count)
        {
            await timer.WaitForNextTickAsync();
        }
    }

    private ModelFile Fetch(string name, long room, byte[]? bytes = null)
    {
        string url = _server.Add(name, bytes ?? _bytes);
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
