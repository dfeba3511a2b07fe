using System.Threading.Channels;

namespace Winnow.Cli.Tests.Support;

/// <summary>A stream of bytes that a test hands over, each time waiting until the reader has dealt with them and asks for more.</summary>
internal sealed class HandedStream : Stream
{
    private readonly Channel<byte[]> _handed = Channel.CreateUnbounded<byte[]>();
    private readonly SemaphoreSlim _asked = new(0);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Hands bytes to a reader that asks for them, and returns when it asks again.</summary>
    public async Task HandAsync(byte[] bytes)
    {
        using CancellationTokenSource limit = new(Tool.Limit);
        await _asked.WaitAsync(limit.Token);
        await _handed.Writer.WriteAsync(bytes, limit.Token);
        await _asked.WaitAsync(limit.Token);
        _asked.Release();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _asked.Release();
        byte[] bytes = await _handed.Reader.ReadAsync(cancellationToken);
        bytes.CopyTo(buffer);
        return bytes.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
