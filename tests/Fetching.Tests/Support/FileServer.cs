using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Winnow.Fetching.Tests.Support;

/// <summary>A server of files with parts, that misbehaves as a test tells it to.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private long _sent;

    public FileServer()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
        _app.StartAsync().GetAwaiter().GetResult();
        Address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>Files by name.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Their tag.</summary>
    public string ETag { get; set; } = "\"one\"";

    /// <summary>Whether it sends parts.</summary>
    public bool HasRanges { get; set; } = true;

    /// <summary>Answers a request in place of the server, if it returns true; given the bytes of the answer.</summary>
    public Func<HttpContext, Range, Task<bool>> Misbehave { get; set; } = (_, _) => Task.FromResult(false);

    /// <summary>Bytes of files sent.</summary>
    public long SentBytes => Interlocked.Read(ref _sent);

    /// <summary>Requests: path and range.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Authorization headers that came.</summary>
    public ConcurrentQueue<string> Authorizations { get; } = new();

    public string Add(string name, byte[] bytes)
    {
        Files[name] = bytes;
        return $"{Address}/{name}";
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Sends some bytes of the answer and cuts the connection.</summary>
    public static async Task CutAsync(HttpContext context, ReadOnlyMemory<byte> bytes, int after)
    {
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes[..Math.Min(after, bytes.Length)]);
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    /// <summary>The headers of a part.</summary>
    public void Head(HttpContext context, Range range, long length)
    {
        context.Response.StatusCode = StatusCodes.Status206PartialContent;
        context.Response.Headers.ETag = ETag;
        context.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {range.Start.Value}-{range.End.Value - 1}/{length}");
        context.Response.ContentLength = range.End.Value - range.Start.Value;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Enqueue($"{context.Request.Path} {context.Request.Headers.Range}");
        Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        if (!Files.TryGetValue(context.Request.Path.Value![1..], out byte[]? bytes))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        (long? from, long? to) = context.Request.GetTypedHeaders().Range?.Ranges.Single() is { } asked ? (asked.From, asked.To) : (null, null);
        bool isSame = context.Request.Headers.IfRange.Count == 0 || context.Request.Headers.IfRange == ETag;
        bool isPart = HasRanges && isSame && from is not null;
        Range range = isPart ? (int)from!.Value..(int)(Math.Min(to!.Value, bytes.Length - 1) + 1) : ..bytes.Length;
        range = range.Start.Value..range.End.GetOffset(bytes.Length);
        if (await Misbehave(context, range))
        {
            return;
        }
        if (isPart)
        {
            Head(context, range, bytes.Length);
        }
        else
        {
            context.Response.Headers.ETag = ETag;
            context.Response.ContentLength = bytes.Length;
        }
        Interlocked.Add(ref _sent, range.End.Value - range.Start.Value);
        await context.Response.Body.WriteAsync(bytes.AsMemory(range));
    }
}
