using System.Globalization;

namespace Winnow.Cli.Links;

/// <summary>What a network link between two processes is like, in each direction alike.</summary>
internal sealed record LinkOptions
{
    private const int LeastBufferBytes = 256 * 1024;
    private const int UnlimitedBufferBytes = 16 * 1024 * 1024;

    /// <summary>Time from one end to the other, one way. Default 0.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Each chunk's delay varies uniformly by this much to either side; bytes of a connection keep their order. At most <see cref="Delay"/>. Default 0.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Bits per second of each connection and direction; 0 is unlimited. Default 0.</summary>
    public long BitsPerSecond { get; init; }

    /// <summary>Chance that a packet of <see cref="LinkSchedule.PacketBytes"/> bytes is lost, which resets its connection. 0 to 1, default 0.</summary>
    public double Loss { get; init; }

    /// <summary>Seed of jitter and loss. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>The draft worker has no link: it stands beside the gateway, and the target's shards far away. Default false.</summary>
    public bool HasLocalDraft { get; init; }

    /// <summary>
    /// Bytes that one direction of a connection may hold before its sender is held back: twice what the link has under way at full rate.
    /// </summary>
    public int BufferBytes => BitsPerSecond == 0
        ? UnlimitedBufferBytes
        : (int)Math.Clamp(2 * BitsPerSecond / 8.0 * (Delay + Jitter).TotalSeconds, LeastBufferBytes, UnlimitedBufferBytes);

    /// <summary>For people, such as <c>20 ms ± 2 ms, 100 Mbit/s, loss 0.01 %</c>.</summary>
    public override string ToString()
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        string text = string.Create(culture, $"{Delay.TotalMilliseconds:0.###} ms");
        text += Jitter > TimeSpan.Zero ? string.Create(culture, $" ± {Jitter.TotalMilliseconds:0.###} ms") : "";
        text += BitsPerSecond > 0 ? string.Create(culture, $", {BitsPerSecond / 1e6:0.###} Mbit/s") : "";
        return Loss > 0 ? string.Create(culture, $"{text}, loss {100 * Loss:0.######} %") : text;
    }
}
