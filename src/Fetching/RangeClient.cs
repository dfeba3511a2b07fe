using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Winnow.Fetching;

/// <summary>
/// Requests for files and parts of files. A server is not trusted: what it sends must be exactly what was asked for, of the file that the fetch began with, not
/// compressed, not slower than allowed, and after few redirections.
/// </summary>
internal sealed class RangeClient(HttpMessageInvoker http, ModelsOptions options, FetchPolicies policies, FetchCredentials credentials)
{
    private static readonly HttpStatusCode[] TransientStatus =
    [
        HttpStatusCode.RequestTimeout, HttpStatusCode.TooManyRequests, HttpStatusCode.InternalServerError, HttpStatusCode.BadGateway,
        HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout,
    ];

    /// <summary>Takes a chunk: its position and its bytes, which are the receiver's until its task ends.</summary>
    public delegate ValueTask ChunkReceiver(long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Asks for a file's first byte, and so for its length, its tag, and whether the server sends parts.</summary>
    /// <exception cref="ModelFetchException">The server does not have it, or answers as no server should.</exception>
    public Task<RemoteFile> ProbeAsync(Uri url, CancellationToken cancellation) => GuardAsync(url, async token =>
    {
        using HttpResponseMessage response = await SendAsync(url, new RangeHeaderValue(0, 0), null, token);
        return Describe(url, response, 0, 1);
    }, cancellation);

    /// <summary>Reads a small file.</summary>
    /// <returns>Its bytes, or <see langword="null"/> when there is none.</returns>
    /// <exception cref="ModelFetchException">It is larger than allowed, or cannot be had.</exception>
    public Task<byte[]?> ReadSmallAsync(Uri url, int maxBytes, CancellationToken cancellation) => GuardAsync(url, async token =>
    {
        try
        {
            using HttpResponseMessage response = await SendAsync(url, null, null, token);
            RefuseEncoding(url, response);
            await using Stream stream = await response.Content.ReadAsStreamAsync(token);
            byte[] bytes = new byte[maxBytes + 1];
            int read = await ReadAsync(url, stream, bytes, 0, token);
            return read <= maxBytes ? bytes[..read] : throw Fault(url, $"it has more than {maxBytes} bytes", "such a file is small", isTransient: false);
        }
        catch (ModelFetchException missing) when (missing.Status is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return null;
        }
    }, cancellation);

    /// <summary>Fetches a part of a file, or all of it where the server sends no parts, and hands it on in chunks, in order.</summary>
    /// <param name="url">One of the file's URLs.</param>
    /// <param name="file">What this server said about it.</param>
    /// <param name="offset">First byte, where a chunk begins.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="receive">Takes the chunks; those that came before a failure have come.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ModelFetchException">It was not sent whole and as asked.</exception>
    public Task CopyAsync(Uri url, RemoteFile file, long offset, long length, ChunkReceiver receive, CancellationToken cancellation) => GuardAsync(url, async token =>
    {
        RangeHeaderValue? range = file.HasRanges ? new RangeHeaderValue(offset, offset + length - 1) : null;
        using HttpResponseMessage response = await SendAsync(url, range, range is null ? null : file, token);
        RemoteFile sent = Describe(url, response, offset, length);
        if (!sent.IsSame(file) || sent.HasRanges != file.HasRanges)
        {
            throw new ModelFetchException(ModelLocation.Show(url), $"the file changed on the server: it had '{file.Length}' bytes and tag '{file.Validator}', and has "
                + $"'{sent.Length}' and '{sent.Validator}'", "it is fetched anew when it is opened again")
            { HasChanged = true };
        }
        await using Stream stream = await response.Content.ReadAsStreamAsync(token);
        await CopyAsync(url, stream, offset, length, receive, token);
        return true;
    }, cancellation);

    private async Task CopyAsync(Uri url, Stream stream, long offset, long length, ChunkReceiver receive, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkPlan.ChunkBytes);
        try
        {
            long done = 0;
            while (done < length)
            {
                Memory<byte> chunk = buffer.AsMemory(0, (int)Math.Min(ChunkPlan.ChunkBytes, length - done));
                int read = await ReadAsync(url, stream, chunk, done, cancellation);
                FetchMetrics.FetchedBytes.Inc(read);
                if (read < chunk.Length)
                {
                    throw Fault(url, $"the connection ended after {done + read} of {length} bytes", "the rest is asked for again", isTransient: true, broughtSome: done > 0);
                }
                await receive(offset + done, chunk, cancellation);
                done += read;
            }
            if (await ReadAsync(url, stream, buffer.AsMemory(0, 1), done, cancellation) > 0)
            {
                throw Fault(url, $"the server sent more than the {length} bytes it was asked for", "check the server", isTransient: false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Fills a buffer as far as the stream goes. Its failures are the server's; those of the cache, which are of the same kind, are not.</summary>
    private async Task<int> ReadAsync(Uri url, Stream stream, Memory<byte> buffer, long done, CancellationToken cancellation)
    {
        try
        {
            return await policies.Chunk.ExecuteAsync(async limited => await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, limited), cancellation);
        }
        catch (IOException broken)
        {
            throw Fault(url, $"the connection broke after {done} bytes: {broken.Message}", "the rest is asked for again", isTransient: true, broken, broughtSome: done > 0);
        }
    }

    /// <summary>Sends a request, follows redirections, and answers with a response of status 200 or 206.</summary>
    private async Task<HttpResponseMessage> SendAsync(Uri url, RangeHeaderValue? range, RemoteFile? file, CancellationToken cancellation)
    {
        Uri target = url;
        for (int redirects = 0; ; redirects++)
        {
            using HttpRequestMessage request = Request(url, target, range, file);
            HttpResponseMessage response = await policies.Answer.ExecuteAsync(async limited => await http.SendAsync(request, limited), cancellation);
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent)
            {
                return response;
            }
            using (response)
            {
                target = (int)response.StatusCode is >= 301 and <= 308 and not 304 and not 305 and not 306 ? Redirected(url, target, response, redirects) : throw Refused(url, response);
            }
        }
    }

    private HttpRequestMessage Request(Uri url, Uri target, RangeHeaderValue? range, RemoteFile? file)
    {
        HttpRequestMessage request = new(HttpMethod.Get, new UriBuilder(target) { UserName = "", Password = "", Fragment = "" }.Uri) { Version = HttpVersion.Version11 };
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        request.Headers.Range = range;
        if (file is not null && file.Validator.Length > 0 && !file.ETag.StartsWith("W/", StringComparison.Ordinal))
        {
            // A weak tag may not be used here (RFC 9110, 13.1.5); the answer's headers are compared in any case.
            request.Headers.TryAddWithoutValidation("If-Range", file.Validator);
        }
        request.Headers.Authorization = credentials.For(url, target);
        return request;
    }

    private Uri Redirected(Uri url, Uri from, HttpResponseMessage response, int redirects)
    {
        if (redirects == options.MaxRedirects)
        {
            throw Fault(url, $"it was redirected more than {options.MaxRedirects} times", "give the URL it ends at, or raise Models:MaxRedirects", isTransient: false);
        }
        Uri? target = response.Headers.Location is { } location ? new Uri(from, location) : null;
        bool isSafe = target is not null && (target.Scheme == Uri.UriSchemeHttps || (target.Scheme == Uri.UriSchemeHttp && from.Scheme == Uri.UriSchemeHttp));
        return isSafe ? target! : throw Fault(url, $"it is redirected to '{(target is null ? "nowhere" : ModelLocation.Show(target))}'", "redirections go to https, or from http to http", isTransient: false);
    }

    private static ModelFetchException Refused(Uri url, HttpResponseMessage response)
    {
        bool isTransient = TransientStatus.Contains(response.StatusCode);
        string advice = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "give credentials by Models:BearerToken, or for a gateway the cluster token and Models:StoreAddresses",
            HttpStatusCode.NotFound or HttpStatusCode.Gone => "check the URL",
            _ => isTransient ? "try again later" : "check the server",
        };
        return new ModelFetchException(ModelLocation.Show(url), $"the server answered '{(int)response.StatusCode}'", advice)
        {
            IsTransient = isTransient,
            Status = response.StatusCode,
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    /// <summary>What an answer says about the file, after checking that it is the answer to the range asked for.</summary>
    private static RemoteFile Describe(Uri url, HttpResponseMessage response, long offset, long length)
    {
        RefuseEncoding(url, response);
        long? bytes = response.Content.Headers.ContentLength;
        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        string tag = response.Headers.ETag?.ToString() ?? "";
        string modified = response.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture) ?? "";
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return bytes is > 0
                ? new RemoteFile(bytes.Value, tag, modified, HasRanges: false)
                : throw Fault(url, $"the server sends no parts and a length of '{bytes?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}'", "give a server that says how long the file is", isTransient: false);
        }
        bool isAsked = range is { Unit: "bytes", Length: > 0 } && range.From == offset && range.To == offset + length - 1 && range.To < range.Length && (bytes is null || bytes == length);
        return isAsked
            ? new RemoteFile(range!.Length!.Value, tag, modified, HasRanges: true)
            : throw Fault(url, $"bytes {offset} to {offset + length - 1} were asked for, and the server answered 'Content-Range: {range}' with '{bytes}' bytes", "check the server", isTransient: false);
    }

    private static void RefuseEncoding(Uri url, HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentEncoding.FirstOrDefault(coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)) is { } coding)
        {
            throw Fault(url, $"the server sent it in coding '{coding}', and none was asked for", "switch compression of such files off", isTransient: false);
        }
    }

    /// <summary>Runs a request through the server's breaker, and makes one kind of exception of all that may happen on the way.</summary>
    private async Task<T> GuardAsync<T>(Uri url, Func<CancellationToken, Task<T>> request, CancellationToken cancellation)
    {
        try
        {
            return await policies.Breaker(url.Authority).ExecuteAsync(
                static async (state, token) => await OneKindAsync(state.url, state.request, token), (url, request), cancellation);
        }
        catch (BrokenCircuitException broken)
        {
            throw new ModelFetchException(ModelLocation.Show(url), $"the server '{url.Authority}' failed too often and is left alone for a while", "check the server", broken)
            {
                IsTransient = true,
                RetryAfter = broken.RetryAfter,
            };
        }
        catch (ModelFetchException)
        {
            FetchMetrics.FetchFailures.WithLabels(url.Authority).Inc();
            throw;
        }
    }

    private static async Task<T> OneKindAsync<T>(Uri url, Func<CancellationToken, Task<T>> request, CancellationToken cancellation)
    {
        try
        {
            return await request(cancellation);
        }
        catch (TimeoutRejectedException late)
        {
            throw Fault(url, $"the server was silent or too slow for {late.Timeout.TotalSeconds:0.###} s", "check the server, or lower Models:MinBytesPerSecond", isTransient: true, late);
        }
        catch (HttpRequestException failed)
        {
            throw Fault(url, $"the server '{url.Authority}' does not answer: {failed.Message}", "check the address and the server", isTransient: true, failed);
        }
    }

    private static ModelFetchException Fault(Uri url, string reason, string advice, bool isTransient, Exception? inner = null, bool broughtSome = false) =>
        new(ModelLocation.Show(url), reason, advice, inner) { IsTransient = isTransient, BroughtSome = broughtSome };
}
