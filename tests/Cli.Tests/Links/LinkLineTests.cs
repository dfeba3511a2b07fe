using System.IO.Pipelines;
using Winnow.Cli.Links;
using Winnow.Cli.Tests.Support;

namespace Winnow.Cli.Tests.Links;

/// <summary>One direction of a connection between streams in memory, on a clock of the test's.</summary>
public sealed class LinkLineTests
{
    private static readonly LinkOptions TwentyMs = new() { Delay = TimeSpan.FromMilliseconds(20) };

    private readonly ManualTime _time = new();
    private readonly Pipe _sender = new();
    private readonly Pipe _receiver = new(new PipeOptions(pauseWriterThreshold: 1 << 26));
    private readonly CancellationTokenSource _cut = new();
    private bool _finished;

    [Fact]
    public async Task RunAsync_Chunks_ArriveWhenTheirDelayIsOverAndNotBefore()
    {
        var sender = new HandedStream();
        Task sut = Start(TwentyMs, sender);
        await sender.HandAsync([1]);
        await _time.ArmedAsync();
        _time.NowMs = 5;
        await sender.HandAsync([2]);
        _time.NowMs = 19;
        Assert.False(_receiver.Reader.TryRead(out _));

        _time.NowMs = 20;
        Assert.Equal([1], await ReceiveAsync(1));
        await _time.ArmedAsync();
        Assert.False(_receiver.Reader.TryRead(out _));

        _time.NowMs = 25;
        Assert.Equal([2], await ReceiveAsync(1));
        await EndAsync(sut);
    }

    [Fact]
    public async Task RunAsync_ManyBytes_ArriveInOrder()
    {
        Task sut = Start(new LinkOptions());
        byte[] sent = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7 / 3))];

        await _sender.Writer.WriteAsync(sent);

        Assert.Equal(sent, await ReceiveAsync(sent.Length));
        await EndAsync(sut);
    }

    [Fact]
    public async Task RunAsync_EndOfTheSender_ArrivesAfterItsBytesAndEndsTheLine()
    {
        Task sut = Start(TwentyMs);
        await SendAsync(9);
        await _sender.Writer.CompleteAsync();
        await _time.ArmedAsync();
        Assert.False(_finished);

        _time.NowMs = 40;
        await sut;

        Assert.Equal([9], await ReceiveAsync(1));
        Assert.True(_finished);
    }

    [Fact]
    public async Task RunAsync_BreakOfTheSender_ArrivesAfterTheDelay()
    {
        Task sut = Start(TwentyMs);
        await _sender.Writer.CompleteAsync(new IOException("gone"));
        await _time.ArmedAsync();
        Assert.False(sut.IsCompleted);

        _time.NowMs = 20;

        await Assert.ThrowsAsync<IOException>(() => sut);
        Assert.False(_finished);
    }

    [Fact]
    public async Task RunAsync_LostPacket_BreaksTheLine()
    {
        Task sut = Start(TwentyMs with { Loss = 1 });
        await SendAsync(1);
        await _time.ArmedAsync();

        _time.NowMs = 20;

        await Assert.ThrowsAsync<IOException>(() => sut);
        Assert.False(_receiver.Reader.TryRead(out _));
    }

    [Fact]
    public async Task RunAsync_MoreThanTheBufferHolds_HoldsTheSenderBack()
    {
        LinkOptions slow = TwentyMs with { BitsPerSecond = 8_000_000 };
        Task sut = Start(slow);
        const int Chunk = 4096;
        int sent = 0;
        ValueTask<FlushResult> flush = default;
        // Its own pipe holds 64 KiB, then the line's buffer decides.
        while (sent < 4 * slow.BufferBytes && (flush = _sender.Writer.WriteAsync(new byte[Chunk])).IsCompleted)
        {
            await flush;
            sent += Chunk;
            await Task.Yield();
        }

        Assert.InRange(sent, 1, 2 * slow.BufferBytes);
        await _cut.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sut);
        await _sender.Reader.CompleteAsync();
        await flush;
    }

    private Task Start(LinkOptions options, Stream? sender = null) =>
        new LinkLine(options, _time, seed: 1).RunAsync(sender ?? _sender.Reader.AsStream(), _receiver.Writer.AsStream(), () => _finished = true, _cut.Token);

    private async Task SendAsync(byte value) => await _sender.Writer.WriteAsync(new byte[] { value });

    private async Task<byte[]> ReceiveAsync(int bytes)
    {
        using CancellationTokenSource limit = new(Tool.Limit);
        ReadResult read = await _receiver.Reader.ReadAtLeastAsync(bytes, limit.Token);
        var buffer = read.Buffer;
        byte[] received = new byte[buffer.Length];
        int at = 0;
        foreach (ReadOnlyMemory<byte> part in buffer)
        {
            part.CopyTo(received.AsMemory(at));
            at += part.Length;
        }
        _receiver.Reader.AdvanceTo(buffer.End);
        return received;
    }

    private async Task EndAsync(Task line)
    {
        await _cut.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => line);
    }
}
