using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;

namespace Winnow.Cli.Links;

/// <summary>
/// One direction of a connection: takes bytes in as they come, and gives each chunk out when its time has come. Many chunks are under way at once;
/// when the buffer is full, the sender is held back.
/// </summary>
internal sealed class LinkLine
{
    // Small enough that a rate is felt byte by byte, large enough to cost little.
    private const int ChunkBytes = 16 * 1024;

    private readonly LinkSchedule _schedule;
    private readonly TimeProvider _time;
    private readonly Pipe _bytes;
    private readonly Channel<Chunk> _chunks = Channel.CreateUnbounded<Chunk>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    /// <summary>A line that nothing has entered yet.</summary>
    /// <param name="options">The link.</param>
    /// <param name="time">Clock and timers.</param>
    /// <param name="seed">Seed of this line's jitter and loss.</param>
    public LinkLine(LinkOptions options, TimeProvider time, int seed)
    {
        _schedule = new LinkSchedule(options, time.TimestampFrequency, new Random(seed));
        _time = time;
        _bytes = new Pipe(new PipeOptions(
            pauseWriterThreshold: options.BufferBytes, resumeWriterThreshold: options.BufferBytes / 2, minimumSegmentSize: ChunkBytes, useSynchronizationContext: false));
    }

    private enum ChunkKind
    {
        Bytes,
        End,
        Break,
    }

    /// <summary>Carries bytes until the sender's end or break has arrived.</summary>
    /// <param name="from">Where bytes come from.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="finish">Tells the receiver that the sender has ended its half.</param>
    /// <param name="cancellation">Stops at once.</param>
    /// <exception cref="IOException">The connection broke on either side, or a packet was lost.</exception>
    public async Task RunAsync(Stream from, Stream to, Action finish, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task taking = TakeAsync(from, stop.Token);
        try
        {
            await GiveAsync(to, finish, cancellation);
        }
        finally
        {
            await stop.CancelAsync();
            await taking;
            await _bytes.Reader.CompleteAsync();
        }
    }

    private async Task TakeAsync(Stream from, CancellationToken cancellation)
    {
        ChunkKind kind = ChunkKind.Bytes;
        try
        {
            while (kind == ChunkKind.Bytes)
            {
                int read = await from.ReadAsync(_bytes.Writer.GetMemory(ChunkBytes)[..ChunkBytes], cancellation);
                kind = read > 0 ? ChunkKind.Bytes : ChunkKind.End;
                kind = Enter(kind, read) ? kind : ChunkKind.Break;
                // The chunk is announced first: a writer that waits for room needs the reader to go on.
                _bytes.Writer.Advance(read);
                await _bytes.Writer.FlushAsync(cancellation);
            }
        }
        catch (IOException)
        {
            Enter(ChunkKind.Break, 0);
        }
        catch (OperationCanceledException)
        {
            // The other half has ended the line, and knows why.
        }
        _chunks.Writer.TryComplete();
        await _bytes.Writer.CompleteAsync();
    }

    private bool Enter(ChunkKind kind, int bytes)
    {
        bool arrives = _schedule.TrySend(_time.GetTimestamp(), bytes, out long due);
        _chunks.Writer.TryWrite(new Chunk(arrives ? kind : ChunkKind.Break, bytes, due));
        return arrives;
    }

    private async Task GiveAsync(Stream to, Action finish, CancellationToken cancellation)
    {
        await foreach (Chunk chunk in _chunks.Reader.ReadAllAsync(cancellation))
        {
            await WaitAsync(chunk.Due, cancellation);
            switch (chunk.Kind)
            {
                case ChunkKind.Bytes:
                    await GiveAsync(to, chunk.Bytes, cancellation);
                    break;
                case ChunkKind.End:
                    finish();
                    return;
                default:
                    throw new IOException("The connection was reset.");
            }
        }
    }

    private async Task GiveAsync(Stream to, int bytes, CancellationToken cancellation)
    {
        ReadResult read = await _bytes.Reader.ReadAtLeastAsync(bytes, cancellation);
        ReadOnlySequence<byte> chunk = read.Buffer.Slice(0, bytes);
        try
        {
            foreach (ReadOnlyMemory<byte> part in chunk)
            {
                await to.WriteAsync(part, cancellation);
            }
        }
        catch (IOException)
        {
            // The receiver has gone; the sender learns it as late as it would over the link.
            _schedule.TrySend(_time.GetTimestamp(), 0, out long due);
            await WaitAsync(due, cancellation);
            throw;
        }
        _bytes.Reader.AdvanceTo(chunk.End);
    }

    private async Task WaitAsync(long due, CancellationToken cancellation)
    {
        long left = due - _time.GetTimestamp();
        if (left <= 0)
        {
            return;
        }
        var arrived = new TaskCompletionSource();
        using CancellationTokenRegistration end = cancellation.Register(() => arrived.TrySetCanceled(cancellation));
        await using ITimer timer = _time.CreateTimer(
            static state => ((TaskCompletionSource)state!).TrySetResult(), arrived, TimeSpan.FromSeconds((double)left / _time.TimestampFrequency), Timeout.InfiniteTimeSpan);
        await arrived.Task;
    }

    private readonly record struct Chunk(ChunkKind Kind, int Bytes, long Due);
}
