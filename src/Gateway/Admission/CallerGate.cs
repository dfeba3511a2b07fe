using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Winnow.Gateway.Access;
using Winnow.Gateway.Api;

namespace Winnow.Gateway.Admission;

/// <summary>Holds every generating request to the limits of its caller.</summary>
internal sealed class CallerGate(IOptions<LimitOptions> options, AdmissionInstruments instruments, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, CallerAccount> _accounts = new(StringComparer.Ordinal);

    /// <summary>Lets a request in, or refuses it, and tells its caller either way what is left.</summary>
    /// <exception cref="ApiException">The caller has taken all that it may, or asks for more urgency than it may.</exception>
    public AdmittedRequest Enter(HttpContext context, GenerationJob job)
    {
        ApiCaller caller = ApiCaller.Of(context);
        CallerAccount account = AccountOf(caller);
        context.Response.OnStarting(() =>
        {
            account.Describe(context.Response.Headers);
            return Task.CompletedTask;
        });
        if (job.Shared.Priority < account.Limits.MinPriority)
        {
            throw ApiException.Invalid("priority",
                $"'priority' is '{job.Shared.Priority}'; lower is more urgent, and '{caller.Name}' may ask for {account.Limits.MinPriority} at the lowest.");
        }
        account.Enter(job.Choices.Count, job.PromptTokens);
        return new AdmittedRequest(account, job.Choices.Count);
    }

    // Limits that were changed open a new account; what runs under the old one ends there.
    private CallerAccount AccountOf(ApiCaller caller)
    {
        CallerLimits limits = CallerLimits.Of(caller, options.Value);
        return _accounts.AddOrUpdate(caller.Name, name => Open(name, limits), (name, known) => known.Limits == limits ? known : Open(name, limits));
    }

    private CallerAccount Open(string name, CallerLimits limits) => new(name, limits, instruments.For(name), time);
}

/// <summary>A request that was let in, until it is disposed of.</summary>
internal sealed class AdmittedRequest(CallerAccount account, int choices) : IDisposable
{
    /// <summary>Tokens were generated.</summary>
    public void Generated(int tokens) => account.Generated(tokens);

    /// <summary>The request has ended.</summary>
    public void Dispose() => account.Leave(choices);
}
