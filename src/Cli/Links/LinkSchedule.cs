namespace Winnow.Cli.Links;

/// <summary>
/// When the bytes that enter one direction of a connection leave it. Chunks follow each other on the wire at the link's rate, then travel;
/// the wire is free for the next chunk while the last one travels, so that delay costs no throughput.
/// </summary>
/// <param name="options">The link.</param>
/// <param name="frequency">Timestamps per second.</param>
/// <param name="random">Draws jitter and loss.</param>
internal sealed class LinkSchedule(LinkOptions options, long frequency, Random random)
{
    /// <summary>Bytes of a packet, of which a lost one resets the connection.</summary>
    public const int PacketBytes = 1500;

    private double _wireFreeAt = double.NegativeInfinity;
    private double _lastDue = double.NegativeInfinity;
    private double _bytesUntilLoss = BytesUntilLoss(options.Loss, random);

    /// <summary>Sends a chunk.</summary>
    /// <param name="now">Timestamp at which it enters the link.</param>
    /// <param name="bytes">Its length; 0 for the end of the stream.</param>
    /// <param name="due">Timestamp at which its last byte arrives, never before an earlier chunk's.</param>
    /// <returns><see langword="false"/> when a packet of it is lost; <paramref name="due"/> is then when the reset arrives.</returns>
    public bool TrySend(long now, int bytes, out long due)
    {
        double wire = options.BitsPerSecond == 0 ? 0 : bytes * 8.0 / options.BitsPerSecond * frequency;
        _wireFreeAt = Math.Max(now, _wireFreeAt) + wire;
        double jitter = options.Jitter == TimeSpan.Zero ? 0 : ((2 * random.NextDouble()) - 1) * options.Jitter.TotalSeconds;
        _lastDue = Math.Max(_lastDue, _wireFreeAt + ((options.Delay.TotalSeconds + jitter) * frequency));
        _bytesUntilLoss -= bytes;
        due = (long)Math.Round(_lastDue);
        return _bytesUntilLoss >= 0;
    }

    // The number of packets before the first lost one is geometric; drawn at once, it does not depend on how the bytes come in chunks.
    private static double BytesUntilLoss(double loss, Random random) =>
        loss == 0 ? double.PositiveInfinity : Math.Floor(Math.Log(1 - random.NextDouble()) / Math.Log(1 - loss)) * PacketBytes;
}
