using Microsoft.AspNetCore.Http;
using Winnow.Fetching.Tests.Support;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Fetching.Tests;

/// <summary>Models from servers that fail, lie, or change their minds.</summary>
public sealed class HostileServerTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileServer _server = new();
    private readonly byte[] _bytes = BigModel.Build(4);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void Fetch_ConnectionsCutAtRandomBytes_GetsAll()
    {
        Random random = new(7);
        _server.Misbehave = async (context, range) =>
        {
            int length = range.End.Value - range.Start.Value;
            int after;
            lock (random)
            {
                after = random.Next(3 * ChunkPlan.ChunkBytes);
            }
            if (after < length)
            {
                _server.Head(context, range, _bytes.Length);
                await FileServer.CutAsync(context, _bytes.AsMemory(range), after);
            }
            return after < length;
        };

        AssertFetched(options => (options.MaxRetries, options.MaxRetryDelay) = (20, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Fetch_EveryOtherAnswerIs500_GetsAll()
    {
        int requests = 0;
        _server.Misbehave = (context, _) =>
        {
            bool fails = Interlocked.Increment(ref requests) % 3 == 0;
            context.Response.StatusCode = fails ? 500 : 200;
            return Task.FromResult(fails);
        };

        AssertFetched();
    }

    [Fact]
    public void Fetch_ServerThatAlwaysFails_SaysSoAfterItsRetries()
    {
        _server.Misbehave = (context, _) =>
        {
            context.Response.StatusCode = 502;
            return Task.FromResult(true);
        };

        Assert.Contains("the server answered '502'", Refusal(options => options.MaxRetries = 2), StringComparison.Ordinal);
        Assert.Equal(3, _server.Requests.Count);
    }

    [Fact]
    public void Fetch_MissingFile_IsNotTriedAgain()
    {
        Assert.Contains("the server answered '404'", Refusal(name: "b.gguf"), StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Theory]
    [InlineData("bytes 1-1/100")]
    [InlineData("bytes 0-0/0")]
    [InlineData("bytes 0-0/*")]
    [InlineData("bytes 0-5/100")]
    [InlineData("items 0-0/100")]
    [InlineData("bytes */100")]
    [InlineData("nonsense")]
    [InlineData("")]
    public void Open_WrongContentRange_IsRefused(string header)
    {
        _server.Misbehave = async (context, _) =>
        {
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.Headers.ContentRange = header;
            await context.Response.Body.WriteAsync(new byte[1]);
            return true;
        };

        Assert.Contains("Content-Range", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Fetch_OtherRangeThanAskedFor_IsRefused()
    {
        _server.Misbehave = async (context, range) =>
        {
            bool isProbe = range.End.Value == 1;
            if (!isProbe)
            {
                Range wrong = (range.Start.Value + 1)..(range.End.Value + 1);
                _server.Head(context, wrong, _bytes.Length + 10);
                await context.Response.Body.WriteAsync(new byte[wrong.End.Value - wrong.Start.Value]);
            }
            return !isProbe;
        };

        Assert.Contains("were asked for", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Fetch_MoreBytesThanAskedFor_IsRefused()
    {
        _server.Misbehave = async (context, range) =>
        {
            bool isProbe = range.End.Value == 1;
            if (!isProbe)
            {
                _server.Head(context, range, _bytes.Length);
                context.Response.ContentLength = null;
                await context.Response.Body.WriteAsync(_bytes.AsMemory(range));
                await context.Response.Body.WriteAsync(new byte[100]);
            }
            return !isProbe;
        };

        Assert.Contains("more than the", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Fetch_CompressedAnswer_IsRefused()
    {
        _server.Misbehave = async (context, range) =>
        {
            _server.Head(context, range, _bytes.Length);
            context.Response.Headers.ContentEncoding = "gzip";
            await context.Response.Body.WriteAsync(_bytes.AsMemory(range));
            return true;
        };

        Assert.Contains("coding 'gzip'", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Fetch_DrippingServer_IsBrokenOff()
    {
        _server.Misbehave = async (context, range) =>
        {
            bool isProbe = range.End.Value == 1;
            if (!isProbe)
            {
                _server.Head(context, range, _bytes.Length);
                await context.Response.Body.WriteAsync(new byte[1]);
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            return !isProbe;
        };

        // A chunk must come within a sixteenth of a second.
        string refusal = Refusal(options => (options.MinBytesPerSecond, options.MaxRetries) = (16 * ChunkPlan.ChunkBytes, 1));

        Assert.Contains("too slow for 0.06", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Fetch_SilentServer_TimesOut()
    {
        _server.Misbehave = async (context, _) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };

        Assert.Contains("silent", Refusal(options => (options.AnswerTimeout, options.MaxRetries) = (TimeSpan.FromMilliseconds(50), 0)), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FileChangesWhileItIsRead_BeginsAnew()
    {
        byte[] changed = BigModel.Build(4, seed: 9);
        int requests = 0;
        _server.Misbehave = (_, range) =>
        {
            if (Interlocked.Increment(ref requests) == 2)
            {
                (_server.Files["a.gguf"], _server.ETag) = (changed, "\"two\"");
            }
            return Task.FromResult(false);
        };
        string url = _server.Add("a.gguf", _bytes);
        using ModelLibrary library = Library.Open(_folder);

        using ModelFile sut = library.Open(url);

        BigModel.AssertTensor(changed, sut, 3);
    }

    [Fact]
    public void RequireTensors_FileChangedAfterItWasOpened_IsRefusedByName()
    {
        string url = _server.Add("a.gguf", _bytes);
        using ModelLibrary library = Library.Open(_folder);
        using ModelFile sut = library.Open(url);
        _server.ETag = "\"two\"";

        ModelFetchException error = Assert.Throws<ModelFetchException>(() => sut.RequireTensors(sut.Tensors, null, default));

        Assert.True(error.HasChanged);
        Assert.Contains("/a.gguf' failed: the file changed on the server", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fetch_EndlessRedirections_AreBounded()
    {
        _server.Misbehave = (context, _) =>
        {
            context.Response.Redirect("/a.gguf");
            return Task.FromResult(true);
        };

        Assert.Contains("redirected more than 2 times", Refusal(options => options.MaxRedirects = 2), StringComparison.Ordinal);
        Assert.Equal(3, _server.Requests.Count);
    }

    [Fact]
    public async Task Fetch_RedirectionToAnotherServer_DoesNotTellItTheSecret()
    {
        await using FileServer other = new();
        string target = other.Add("a.gguf", _bytes);
        _server.Misbehave = (context, _) =>
        {
            context.Response.Redirect(target);
            return Task.FromResult(true);
        };

        AssertFetched(options => options.BearerToken = "secret");

        Assert.All(_server.Authorizations, header => Assert.Equal("Bearer secret", header));
        Assert.All(other.Authorizations, Assert.Empty);
    }

    [Fact]
    public async Task Fetch_MirrorThatHangs_IsOvertakenByAnother()
    {
        await using FileServer other = new();
        other.Add("a.gguf", _bytes);
        _server.Add("a.gguf", _bytes);
        _server.Misbehave = async (context, range) =>
        {
            bool isProbe = range.End.Value == 1;
            if (!isProbe)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            return !isProbe;
        };
        using ModelLibrary library = Library.Open(_folder, options => options.HedgeDelay = TimeSpan.FromMilliseconds(20));

        using ModelFile sut = library.Open($"{_server.Address}/a.gguf {other.Address}/a.gguf");

        BigModel.AssertTensor(_bytes, sut, 3);
    }

    [Fact]
    public async Task Fetch_MirrorThatLacksTheFile_IsPassedOver()
    {
        await using FileServer other = new();
        other.Add("a.gguf", _bytes);
        using ModelLibrary library = Library.Open(_folder);

        using ModelFile sut = library.Open($"{_server.Address}/a.gguf {other.Address}/a.gguf");

        BigModel.AssertTensor(_bytes, sut, 0);
    }

    [Fact]
    public void Fetch_ServerThatFailsOften_IsLeftAlone()
    {
        _server.Misbehave = (context, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        };

        string refusal = Refusal(options => options.MaxRetries = 20);

        Assert.Contains("failed too often", refusal, StringComparison.Ordinal);
        Assert.InRange(_server.Requests.Count, 8, 9);
    }

    [Fact]
    public void Fetch_CredentialsInUrl_AreSentAndNeverShown()
    {
        _server.Misbehave = (context, _) =>
        {
            context.Response.StatusCode = 403;
            return Task.FromResult(true);
        };
        using ModelLibrary library = Library.Open(_folder);
        string url = _server.Address.Replace("http://", "http://me:s3cret@", StringComparison.Ordinal) + "/a.gguf?token=s3cret";

        ModelFetchException error = Assert.Throws<ModelFetchException>(() => library.Open(url));

        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("Basic " + Convert.ToBase64String("me:s3cret"u8), _server.Authorizations.Last());
    }

    [Fact]
    public void Fetch_EverythingButClaimsLongerFile_IsNotReadBeyondItsEnd()
    {
        byte[] cut = _bytes[..^(ChunkPlan.ChunkBytes / 2)];
        using ModelLibrary library = Library.Open(_folder);

        ModelFileException error = Assert.Throws<ModelFileException>(() => library.Open(_server.Add("a.gguf", cut)));

        Assert.Contains("is it truncated?", error.Message, StringComparison.Ordinal);
    }

    private void AssertFetched(Action<ModelsOptions>? change = null)
    {
        string url = _server.Add("a.gguf", _bytes);
        using ModelLibrary library = Library.Open(_folder, change);
        using ModelFile sut = library.Open(url);
        sut.RequireTensors(sut.Tensors, null, default);
        for (int tensor = 0; tensor < sut.Tensors.Count; tensor++)
        {
            BigModel.AssertTensor(_bytes, sut, tensor);
        }
    }

    private string Refusal(Action<ModelsOptions>? change = null, string name = "a.gguf")
    {
        _server.Add("a.gguf", _bytes);
        using ModelLibrary library = Library.Open(_folder, change);
        return Assert.Throws<ModelFetchException>(() => library.Open($"{_server.Address}/{name}")).Message;
    }
}
