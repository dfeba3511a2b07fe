using Winnow.Fetching.Tests.Support;
using Winnow.Inference.Files;
using Winnow.Tests.Common;
using Xunit.Abstractions;

namespace Winnow.Fetching.Tests;

/// <summary>A fetch that ended halfway and goes on in another process' library: nothing comes twice. The long run of the tests tells how fast it is over loopback.</summary>
public sealed class ThroughputTests(ITestOutputHelper output) : IAsyncDisposable
{
    private static readonly int Tensors = Environment.GetEnvironmentVariable("WINNOW_LONG_TESTS") is { Length: > 0 } ? 170 : 8;
    private readonly TemporaryFolder _folder = new();
    private readonly FileServer _server = new();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void RequireTensors_AfterHalfOfThemCame_BringsTheRestAlone()
    {
        byte[] bytes = BigModel.Build(Tensors);
        string url = _server.Add("a.gguf", bytes);
        (double first, long half) = Fetch(url, Tensors / 2);
        (double second, long rest) = Fetch(url, Tensors);

        output.WriteLine($"{half} bytes at {half / first / 1e6:0} MB/s, then {half} bytes checked and {rest} brought in {second:0.00} s: {rest / second / 1e6:0} MB/s");
        // Each library asks for the first byte to learn what the file is.
        Assert.Equal(bytes.Length + 2, half + rest);
    }

    private (double Seconds, long Bytes) Fetch(string url, int tensors)
    {
        long before = _server.SentBytes;
        long began = TimeProvider.System.GetTimestamp();
        using ModelLibrary library = Library.Open(_folder);
        using ModelFile file = library.Open(url);
        file.RequireTensors(file.Tensors.Take(tensors), null, default);
        double seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        return (seconds, _server.SentBytes - before);
    }
}
