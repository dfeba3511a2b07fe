using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests.Support;

/// <summary>A client of several gateways that does not give up: when its stream breaks, it asks another gateway for the rest.</summary>
/// <param name="gateways">Where the gateways are now.</param>
internal sealed class ResumingClient(Func<IReadOnlyList<Uri>> gateways) : IDisposable
{
    private const string DataPrefix = "data: ";
    private const string IdPrefix = "id: ";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http = new() { Timeout = Patience.Limit };
    private int _resumes;

    /// <summary>Streams that were taken up again.</summary>
    public int Resumes => _resumes;

    /// <summary>Id of the stream that had an event last.</summary>
    public string? LastStream { get; private set; }

    /// <summary>Reads a stream from its beginning, as its session has it.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="id">The stream.</param>
    public async Task<LawOutcome> ReadAgainAsync(LawRequest request, string id)
    {
        var stream = new OpenStream(new LawOutcome(request));
        using HttpResponseMessage response = await _http.GetAsync(new Uri(gateways()[0], $"/v1/streams/{id}"), HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.IsSuccessStatusCode, $"{request.Name}: {response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        await ReadAsync(stream, response, onChunk: null, CancellationToken.None);
        return stream.Outcome;
    }

    /// <summary>Runs one request to its end, over as many gateways as that takes.</summary>
    /// <param name="conditions">Model, drafting and cache.</param>
    /// <param name="request">Request.</param>
    /// <param name="prompt">Its prompt's token ids.</param>
    /// <param name="first">The gateway to begin with.</param>
    /// <param name="onChunk">Called after every event.</param>
    public async Task<LawOutcome> RunAsync(RunConditions conditions, LawRequest request, int[] prompt, int first, Func<LawOutcome, Task>? onChunk = null)
    {
        var stream = new OpenStream(new LawOutcome(request));
        using var limit = new CancellationTokenSource(Patience.Limit);
        for (int turn = first; ; turn++)
        {
            IReadOnlyList<Uri> known = gateways();
            Uri gateway = known[turn % known.Count];
            bool isResumed = stream.Id is not null;
            using HttpRequestMessage message = isResumed
                ? new HttpRequestMessage(HttpMethod.Get, new Uri(gateway, $"/v1/streams/{stream.Id}")) { Headers = { { "Last-Event-ID", stream.LastEventId } } }
                : new HttpRequestMessage(HttpMethod.Post, new Uri(gateway, "/v1/completions")) { Content = JsonContent.Create(ClusterClient.Body(conditions, request, prompt, stream: true)) };
            try
            {
                using HttpResponseMessage response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit.Token);
                if (response.IsSuccessStatusCode)
                {
                    _ = isResumed ? Interlocked.Increment(ref _resumes) : 0;
                    await ReadAsync(stream, response, onChunk, limit.Token);
                }
                else
                {
                    Assert.True(response.StatusCode is HttpStatusCode.ServiceUnavailable, $"{request.Name}: {response.StatusCode} {await response.Content.ReadAsStringAsync(limit.Token)}");
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // The gateway is gone; the next one may be there.
            }
            if (stream.IsDone)
            {
                return stream.Outcome;
            }
            await Task.Delay(Pause, TimeProvider.System, limit.Token);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task ReadAsync(OpenStream stream, HttpResponseMessage response, Func<LawOutcome, Task>? onChunk, CancellationToken cancellation)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
        using var reader = new StreamReader(body);
        string? id = null;
        while (!stream.IsDone && await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith(IdPrefix, StringComparison.Ordinal))
            {
                id = line[IdPrefix.Length..];
            }
            else if (line == DataPrefix + "[DONE]")
            {
                stream.IsDone = true;
            }
            else if (line.StartsWith(DataPrefix, StringComparison.Ordinal))
            {
                using JsonDocument data = JsonDocument.Parse(line.AsMemory(DataPrefix.Length));
                if (data.RootElement.TryGetProperty("error", out JsonElement error))
                {
                    Assert.True(error.GetProperty("code").GetString() is "draining" or "unavailable", $"{stream.Outcome.Request.Name}: {line}");
                    return;
                }
                ClusterClient.Take(stream.Outcome, line[DataPrefix.Length..]);
                (stream.Id, stream.LastEventId) = (data.RootElement.GetProperty("id").GetString(), id);
                LastStream = stream.Id;
                await (onChunk?.Invoke(stream.Outcome) ?? Task.CompletedTask);
            }
        }
    }

    private sealed class OpenStream(LawOutcome outcome)
    {
        public LawOutcome Outcome { get; } = outcome;

        public string? Id { get; set; }

        public string? LastEventId { get; set; }

        public bool IsDone { get; set; }
    }
}
