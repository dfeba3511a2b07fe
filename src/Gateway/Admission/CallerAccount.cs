using System.Globalization;
using Microsoft.AspNetCore.Http;
using Winnow.Gateway.Access;
using Winnow.Gateway.Api;

namespace Winnow.Gateway.Admission;

/// <summary>
/// What one caller has taken and may still take. Prompt tokens are taken when a request is let in; generated ones as they come, since nobody knows before how many there will be: a
/// caller may so go into debt by one request, and waits it off before the next.
/// </summary>
internal sealed class CallerAccount
{
    private readonly Lock _gate = new();
    private readonly TokenBucket? _requests;
    private readonly TokenBucket? _tokens;
    private readonly AdmissionInstruments.Caller _instruments;
    private readonly string _name;
    private int _running;

    /// <summary>Opens an account, all of it unused.</summary>
    public CallerAccount(string name, CallerLimits limits, AdmissionInstruments.Caller instruments, TimeProvider time)
    {
        _name = name;
        Limits = limits;
        _instruments = instruments;
        _requests = limits.RequestsPerMinute > 0 ? new TokenBucket(limits.RequestsPerMinute, time) : null;
        _tokens = limits.TokensPerMinute > 0 ? new TokenBucket(limits.TokensPerMinute, time) : null;
    }

    /// <summary>What the caller may take.</summary>
    public CallerLimits Limits { get; }

    /// <summary>Lets a request in; <see cref="Leave"/> must follow.</summary>
    /// <param name="choices">Choices it generates.</param>
    /// <param name="promptTokens">Tokens of its prompts.</param>
    /// <exception cref="ApiException">The caller has taken all that it may; the error says when it may again.</exception>
    public void Enter(int choices, int promptTokens)
    {
        lock (_gate)
        {
            if (Limits.MaxConcurrent > 0 && _running + choices > Limits.MaxConcurrent)
            {
                throw Refuse(AdmissionInstruments.Concurrency, TimeSpan.FromSeconds(1),
                    $"{Who} has '{_running}' choices running and asks for '{choices}' more; its limit is {Limits.MaxConcurrent}. Wait for one to end.");
            }
            if (_requests?.Until(1) is { Ticks: > 0 } untilRequest)
            {
                throw Refuse(AdmissionInstruments.Requests, untilRequest, $"{Who} has made its {Limits.RequestsPerMinute} requests a minute; try again after the time in Retry-After.");
            }
            if (_tokens?.Until(promptTokens) is { Ticks: > 0 } untilTokens)
            {
                throw Refuse(AdmissionInstruments.Tokens, untilTokens,
                    $"{Who} has '{_tokens.Left}' of its {Limits.TokensPerMinute} tokens a minute left and the prompt has '{promptTokens}'; try again after the time in Retry-After.");
            }
            _running += choices;
            _requests?.Take(1);
            _tokens?.Take(promptTokens);
        }
        _instruments.Entered(promptTokens);
    }

    /// <summary>Tokens were generated.</summary>
    public void Generated(int tokens)
    {
        if (_tokens is not null)
        {
            lock (_gate)
            {
                _tokens.Take(tokens);
            }
        }
        _instruments.Generated(tokens);
    }

    /// <summary>A request that was let in has ended.</summary>
    public void Leave(int choices)
    {
        lock (_gate)
        {
            _running -= choices;
        }
    }

    /// <summary>Tells what is left, in the headers that OpenAI's API has for it.</summary>
    public void Describe(IHeaderDictionary headers)
    {
        lock (_gate)
        {
            Describe(headers, "requests", _requests);
            Describe(headers, "tokens", _tokens);
        }
    }

    private string Who => _name == ApiCaller.AnonymousName ? "This gateway" : $"The API key '{_name}'";

    private ApiException Refuse(string reason, TimeSpan after, string message)
    {
        _instruments.Refused(reason);
        return ApiException.RateLimited(message, after);
    }

    private static void Describe(IHeaderDictionary headers, string what, TokenBucket? bucket)
    {
        if (bucket is not null)
        {
            CultureInfo culture = CultureInfo.InvariantCulture;
            headers[$"x-ratelimit-limit-{what}"] = bucket.PerMinute.ToString(culture);
            headers[$"x-ratelimit-remaining-{what}"] = bucket.Left.ToString(culture);
            headers[$"x-ratelimit-reset-{what}"] = string.Create(culture, $"{Math.Ceiling(bucket.UntilFull.TotalMilliseconds):0}ms");
        }
    }
}
