using System.Globalization;
using Winnow.Gateway.Serving;

namespace Winnow.Tests.Law;

/// <summary>What a request gave: tokens and finish reason of every choice, and the counts of its steps.</summary>
/// <param name="request">The request.</param>
public sealed class LawOutcome(LawRequest request)
{
    private readonly List<int>[] _tokens = [.. Enumerable.Range(0, request.Choices).Select(_ => new List<int>())];
    private readonly List<string>[] _logprobs = [.. Enumerable.Range(0, request.Choices).Select(_ => new List<string>())];
    private readonly string?[] _finish = new string?[request.Choices];

    /// <summary>The request.</summary>
    public LawRequest Request => request;

    /// <summary>Target steps that gave tokens, over all choices.</summary>
    public int Steps { get; private set; }

    /// <summary>Draft tokens verified.</summary>
    public int Drafted { get; private set; }

    /// <summary>Draft tokens accepted.</summary>
    public int Accepted { get; private set; }

    /// <summary>Draft tokens that were not accepted in steps that did not end their choice; in the last step some may lie behind the end.</summary>
    public int Refused { get; private set; }

    /// <summary>Prompt tokens that came from the prefix cache.</summary>
    public int CachedPromptTokens { get; private set; }

    /// <summary>Tokens of all choices.</summary>
    public int TokenCount => _tokens.Sum(choice => choice.Count);

    /// <summary>Tokens of a choice.</summary>
    public IReadOnlyList<int> TokensOf(int choice) => _tokens[choice];

    /// <summary>Why a choice ended.</summary>
    public string? FinishOf(int choice) => _finish[choice];

    /// <summary>Tokens, the bits of their log-probabilities, and finish reasons as text: equal texts, equal outcomes.</summary>
    public string Fingerprint
        => $"{request.Name} -> {string.Join(" | ", _tokens.Select((tokens, choice) => $"{string.Join(' ', tokens)} [{string.Join(' ', _logprobs[choice])}] ({_finish[choice]})"))}";

    /// <summary>One step of one choice happened.</summary>
    public void Add(ChoiceUpdate update)
    {
        Add(update.Index, update.Tokens, update.Logprobs.Select(entry => entry.Logprob), update.FinishReason);
        AddCounts(1, update.Drafted, update.Accepted, update.CachedPromptTokens);
        Refused += update.FinishReason is null ? update.Drafted - update.Accepted : 0;
    }

    /// <summary>A choice grew.</summary>
    /// <param name="choice">Choice index.</param>
    /// <param name="tokens">New tokens.</param>
    /// <param name="logprobs">Their log-probabilities.</param>
    /// <param name="finishReason">Why it ended, or <see langword="null"/> while it runs.</param>
    public void Add(int choice, IEnumerable<int> tokens, IEnumerable<float> logprobs, string? finishReason)
    {
        _tokens[choice].AddRange(tokens);
        _logprobs[choice].AddRange(logprobs.Select(logprob => BitConverter.SingleToInt32Bits(logprob).ToString("x8", CultureInfo.InvariantCulture)));
        _finish[choice] = finishReason ?? _finish[choice];
    }

    /// <summary>Adds what speculation and the prefix cache did.</summary>
    public void AddCounts(int steps, int drafted, int accepted, int cachedPromptTokens)
    {
        Steps += steps;
        Drafted += drafted;
        Accepted += accepted;
        CachedPromptTokens += cachedPromptTokens;
    }
}
