using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Winnow.Gateway.Api;
using Winnow.Gateway.Coordination.Forwarding;

namespace Winnow.Gateway.Admission;

/// <summary>
/// Holds every address to a rate of requests, before anything of a request is looked at. Remembers some thousands of addresses; where more come at once, those it has no room for share
/// one bucket, so that a flood from everywhere costs no memory.
/// </summary>
internal sealed class AddressRates(RequestDelegate next, IOptions<LimitOptions> options, AdmissionInstruments instruments, TimeProvider time)
{
    /// <summary>Addresses remembered.</summary>
    public const int MaxAddresses = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, TokenBucket> _buckets = [];
    private readonly int _perMinute = options.Value.RequestsPerMinutePerAddress;

    /// <summary>Runs the request when its address may make one more.</summary>
    /// <exception cref="ApiException">It may not.</exception>
    public Task InvokeAsync(HttpContext context)
    {
        PathString path = context.Request.Path;
        // Calls of other gateways have passed the cluster's own checks, and come on a port of their own.
        bool isExempt = path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/metrics", StringComparison.OrdinalIgnoreCase)
            || path.StartsWithSegments("/" + CoordinatorService.ServiceName, StringComparison.Ordinal);
        if (_perMinute > 0 && !isExempt && Take(PeerAddress.Of(context.Connection.RemoteIpAddress ?? IPAddress.None)) is { Ticks: > 0 } wait)
        {
            instruments.Refused(AdmissionInstruments.Address);
            throw ApiException.RateLimited($"This address has made its {_perMinute} requests a minute; try again after the time in Retry-After.", wait);
        }
        return next(context);
    }

    private TimeSpan Take(IPAddress address)
    {
        lock (_gate)
        {
            if (!_buckets.ContainsKey(address) && _buckets.Count >= MaxAddresses)
            {
                ForgetIdle();
                address = _buckets.Count >= MaxAddresses ? IPAddress.None : address;
            }
            if (!_buckets.TryGetValue(address, out TokenBucket? bucket))
            {
                _buckets[address] = bucket = new TokenBucket(_perMinute, time);
            }
            TimeSpan wait = bucket.Until(1);
            if (wait <= TimeSpan.Zero)
            {
                bucket.Take(1);
            }
            return wait;
        }
    }

    private void ForgetIdle()
    {
        foreach ((IPAddress address, TokenBucket bucket) in _buckets)
        {
            if (bucket.IsFull)
            {
                _buckets.Remove(address);
            }
        }
    }
}
