using System.Globalization;
using Microsoft.AspNetCore.Http;
using Winnow.Gateway.Api;

namespace Winnow.Gateway.Admission;

/// <summary>
/// The time by which a request must have ended: its field <c>timeout</c> or its header <c>X-Request-Timeout</c>, in seconds, whichever is sooner. Past it the generation is cancelled
/// as if its client had gone, which frees its slots within a step.
/// </summary>
internal sealed class RequestDeadline : IDisposable
{
    /// <summary>Header of the time a request may take, in seconds.</summary>
    public const string Header = "X-Request-Timeout";

    /// <summary>Longest time that can be asked for, in seconds: a day.</summary>
    public const float MaxSeconds = 86_400;

    /// <summary>Shortest time that can be asked for, in seconds.</summary>
    public const float MinSeconds = 0.001f;

    private readonly AdmissionInstruments _instruments;
    private readonly TimeSpan? _limit;
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenSource _any;
    private bool _started;

    private RequestDeadline(TimeSpan? limit, CancellationToken aborted, CancellationToken cut, AdmissionInstruments instruments, TimeProvider time)
    {
        _limit = limit;
        _over = limit is { } span ? new CancellationTokenSource(span, time) : new CancellationTokenSource();
        _any = CancellationTokenSource.CreateLinkedTokenSource(aborted, cut, _over.Token);
        _instruments = instruments;
    }

    /// <summary>Ends the generation: the deadline has passed, the client has gone, or the gateway ends.</summary>
    public CancellationToken Token => _any.Token;

    /// <summary>Whether the deadline has passed.</summary>
    public bool HasPassed => _over.IsCancellationRequested;

    /// <summary>Sets a request's deadline.</summary>
    /// <param name="context">The request.</param>
    /// <param name="seconds">Its field <c>timeout</c>, if it has one.</param>
    /// <param name="cut">Ends the generation as well: the gateway ends.</param>
    /// <param name="instruments">Told of what is ended.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ApiException">The header is no number of seconds.</exception>
    public static RequestDeadline Set(HttpContext context, float? seconds, CancellationToken cut, AdmissionInstruments instruments, TimeProvider time)
    {
        float? byHeader = ReadHeader(context.Request.Headers[Header].ToString());
        float? sooner = seconds is { } field && byHeader is { } header ? Math.Min(field, header) : seconds ?? byHeader;
        return new RequestDeadline(sooner is { } limit ? TimeSpan.FromSeconds(limit) : null, context.RequestAborted, cut, instruments, time);
    }

    /// <summary>Tokens have come: from now on the request has started.</summary>
    public void MarkStarted() => _started = true;

    /// <summary>What a request that was ended is told: that it did not start, which is overload, or that it did not end.</summary>
    /// <param name="queueWait">When a place is expected to be free for one that did not start.</param>
    public ApiException Error(TimeSpan queueWait)
    {
        _instruments.Refused(AdmissionInstruments.Deadline);
        return _started
            ? new ApiException(StatusCodes.Status504GatewayTimeout, "timeout_error", "deadline_exceeded",
                $"The answer was not complete within the {Seconds} s that the request allows; allow more, or lower max_tokens.")
            : new ApiException(StatusCodes.Status503ServiceUnavailable, "server_error", "deadline_exceeded",
                $"The request had no token within the {Seconds} s that it allows, because others were before it; allow more, or try again later.")
            { RetryAfterSeconds = ApiException.SecondsOf(queueWait) };
    }

    /// <summary>Frees the timers.</summary>
    public void Dispose()
    {
        _any.Dispose();
        _over.Dispose();
    }

    private string Seconds => _limit!.Value.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);

    private static float? ReadHeader(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }
        return float.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out float seconds) && seconds >= MinSeconds && seconds <= MaxSeconds
            ? seconds
            : throw ApiException.Invalid(Header, $"'{Header}' is '{(text.Length <= 40 ? text : text[..40] + "…")}'; it must be a number of seconds from {MinSeconds} to {MaxSeconds}.");
    }
}
