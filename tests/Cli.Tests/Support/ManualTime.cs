namespace Winnow.Cli.Tests.Support;

/// <summary>A clock of milliseconds that a test sets.</summary>
internal sealed class ManualTime : TimeProvider
{
    public long NowMs { get; set; }

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => NowMs;
}
