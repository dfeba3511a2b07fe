using Prometheus;

namespace Winnow.Gateway.Admission;

/// <summary>What callers take and what is refused, by names of keys; at most <see cref="Access.ApiKeyFile.MaxKeys"/> at a time.</summary>
internal sealed class AdmissionInstruments
{
    /// <summary>Refused: too many choices at once.</summary>
    public const string Concurrency = "concurrency";

    /// <summary>Refused: too many requests a minute.</summary>
    public const string Requests = "requests";

    /// <summary>Refused: too many tokens a minute.</summary>
    public const string Tokens = "tokens";

    /// <summary>Refused: too many requests a minute of an address.</summary>
    public const string Address = "address";

    /// <summary>Refused: too many connections of an address.</summary>
    public const string Connections = "connections";

    /// <summary>Ended: the request's deadline passed.</summary>
    public const string Deadline = "deadline";

    private readonly Counter _requests = Metrics.CreateCounter(GatewayMetrics.KeyRequests, "Generating requests let in, by API key.", "key");
    private readonly Counter _tokens = Metrics.CreateCounter(GatewayMetrics.KeyTokens, "Tokens of those requests, by API key and kind.", "key", "kind");
    private readonly Counter _refused = Metrics.CreateCounter(GatewayMetrics.RequestsRefused, "Requests refused or ended by a limit, by which.", "reason");

    /// <summary>Something was refused or ended by a limit.</summary>
    public void Refused(string reason) => _refused.WithLabels(reason).Inc();

    /// <summary>The instruments of one caller.</summary>
    public Caller For(string name) => new(this, _requests.WithLabels(name), _tokens.WithLabels(name, "prompt"), _tokens.WithLabels(name, "generated"));

    /// <summary>Counts for one caller.</summary>
    internal sealed class Caller(AdmissionInstruments all, Counter.Child requests, Counter.Child prompt, Counter.Child generated)
    {
        /// <summary>A request was let in.</summary>
        public void Entered(int promptTokens)
        {
            requests.Inc();
            prompt.Inc(promptTokens);
        }

        /// <summary>Tokens were generated.</summary>
        public void Generated(int tokens) => generated.Inc(tokens);

        /// <summary>A request was refused.</summary>
        public void Refused(string reason) => all.Refused(reason);
    }
}
