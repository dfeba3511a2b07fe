using System.CommandLine;
using Winnow.Cli.Links;

namespace Winnow.Cli.Commands;

/// <summary>The flags that make the links to a local cluster's workers feel like a network.</summary>
internal sealed class LinkFlags
{
    private const double LongestSeconds = 60;
    private const double FastestBits = 1e12;
    private static readonly Dictionary<string, double> Durations = new() { ["us"] = 1e-6, ["ms"] = 1e-3, ["s"] = 1 };
    private static readonly Dictionary<string, double> Rates = new() { ["kbit"] = 1e3, ["mbit"] = 1e6, ["gbit"] = 1e9 };
    private static readonly Dictionary<string, double> Chances = new() { [""] = 1, ["%"] = 0.01 };

    private readonly Option<double?> _delay = CommandOptions.Quantity("--link-delay", "One-way delay of every link to a worker, such as 20ms. Default 0ms.", Durations, LongestSeconds, "20ms");
    private readonly Option<double?> _jitter = CommandOptions.Quantity("--link-jitter", "By how much delays vary to either side, at most the delay. Default 0ms.", Durations, LongestSeconds, "2ms");
    private readonly Option<double?> _rate = CommandOptions.Quantity("--link-rate", "Bits per second of each connection and direction, such as 100mbit. Default: unlimited.", Rates, FastestBits, "100mbit");
    private readonly Option<double?> _loss = CommandOptions.Quantity("--link-loss", "Chance that a packet is lost, which resets its connection, such as 0.01%. Default 0.", Chances, 1, "0.01%");
    private readonly Option<int?> _seed = CommandOptions.Integer("--link-seed", "Seed of jitter and loss. Default 0.", 0, int.MaxValue);
    private readonly Option<bool> _localDraft = new("--link-local-draft") { Description = "The draft worker has no link: it stands beside the gateway." };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _delay, _jitter, _rate, _loss, _seed, _localDraft })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The links that the flags ask for, or <see langword="null"/> when they are not given.</summary>
    /// <exception cref="CliException">The flags contradict each other.</exception>
    public LinkOptions? Read(ParseResult parsed)
    {
        if (new Option[] { _delay, _jitter, _rate, _loss, _seed }.All(option => parsed.GetResult(option) is null))
        {
            return null;
        }
        double delay = parsed.GetValue(_delay) ?? 0;
        double jitter = parsed.GetValue(_jitter) ?? 0;
        if (jitter > delay)
        {
            throw new CliException($"--link-jitter '{1e3 * jitter}ms' is more than --link-delay '{1e3 * delay}ms'; a delay cannot be negative.", CliException.BadUsage);
        }
        return new LinkOptions
        {
            Delay = TimeSpan.FromSeconds(delay),
            Jitter = TimeSpan.FromSeconds(jitter),
            BitsPerSecond = (long)(parsed.GetValue(_rate) ?? 0),
            Loss = parsed.GetValue(_loss) ?? 0,
            Seed = parsed.GetValue(_seed) ?? 0,
            HasLocalDraft = parsed.GetValue(_localDraft),
        };
    }
}
