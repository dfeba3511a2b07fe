using Grpc.Core;
using Winnow.Contracts.V1;
using Winnow.Hosting;

namespace Winnow.GpuWorker.Control;

/// <summary>
/// Round trips of a small call to the workers that the silo names, one after another and seldom, so that nothing else waits for them. Of the last few the
/// least counts: what makes one longer is work, not the way.
/// </summary>
/// <param name="channels">Channels to the others.</param>
/// <param name="time">Clock.</param>
internal sealed class PeerLatencies(ClusterChannels channels, TimeProvider time)
{
    private const int MostPeers = 64;
    private const int Kept = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<long>> _micros = new(StringComparer.Ordinal);
    private Task _measuring = Task.CompletedTask;

    /// <summary>What is known.</summary>
    public IReadOnlyList<PeerLatency> Known
    {
        get
        {
            lock (_gate)
            {
                return [.. _micros.Select(peer => new PeerLatency { Address = peer.Key, Micros = peer.Value.Min() })];
            }
        }
    }

    /// <summary>Measures the way to each of these in the background, unless that is being done; forgets the others.</summary>
    /// <param name="addresses">gRPC addresses; none asks for nothing.</param>
    public void Measure(IReadOnlyList<string> addresses)
    {
        if (addresses.Count == 0 || !_measuring.IsCompleted)
        {
            return;
        }
        string[] valid = [.. addresses.Where(a => Uri.TryCreate(a, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https").Take(MostPeers)];
        lock (_gate)
        {
            foreach (string gone in _micros.Keys.Except(valid).ToArray())
            {
                _micros.Remove(gone);
            }
        }
        _measuring = Task.Run(() => MeasureAsync(valid));
    }

    private async Task MeasureAsync(string[] addresses)
    {
        foreach (string address in addresses)
        {
            try
            {
                Worker.WorkerClient peer = new(channels.Get(address));
                // The first call may have to connect.
                await peer.PingAsync(new PingRequest(), deadline: Deadline());
                long began = time.GetTimestamp();
                await peer.PingAsync(new PingRequest(), deadline: Deadline());
                Keep(address, (long)time.GetElapsedTime(began).TotalMicroseconds);
            }
            catch (RpcException)
            {
                // It is away, or of a version that does not answer: nothing is known of the way then.
                Keep(address, null);
            }
        }
    }

    private DateTime Deadline() => (time.GetUtcNow() + Limit).UtcDateTime;

    private void Keep(string address, long? micros)
    {
        lock (_gate)
        {
            if (micros is not { } measured)
            {
                _micros.Remove(address);
                return;
            }
            if (!_micros.TryGetValue(address, out Queue<long>? last))
            {
                _micros.Add(address, last = new Queue<long>(Kept));
            }
            if (last.Count == Kept)
            {
                last.Dequeue();
            }
            last.Enqueue(measured);
        }
    }
}
