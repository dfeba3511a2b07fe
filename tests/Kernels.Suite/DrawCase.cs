using Winnow.Inference.Acceptance;
using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Kernels.Suite;

/// <summary>Random ways to sample, and random trees of drafts of which many are right.</summary>
internal sealed class DrawCase(Random random, int vocabulary, Action<Span<float>> shape, TokenGrammar? grammar)
{
    public const int Blocks = 8;
    public const int MostRows = 20;
    private readonly TokenSampler _sampler = new(vocabulary);

    /// <summary>Any combination of what a request may ask for.</summary>
    public SamplingParameters Sampling(GrammarSource? source)
    {
        SamplingParameters sampling = Drawing(source);
        return random.Next(8) == 0 ? sampling with { Logprobs = true, TopLogprobs = random.Next(4) } : sampling;
    }

    public int[] Prompt() => [.. Enumerable.Range(0, random.Next(1, 10)).Select(_ => random.Next(vocabulary))];

    /// <summary>Rows of a sequence that begins: its prompt, and a tree of drafts.</summary>
    public SequenceRows Rows(int slot, int[] prompt, SamplingParameters sampling)
    {
        int count = random.Next(8);
        int[] drafts = new int[count];
        int[] parents = new int[count];
        List<int[]> paths = [prompt];
        for (int i = 0; i < count; i++)
        {
            int from = random.Next(2) == 0 ? i : random.Next(i + 1);
            parents[i] = prompt.Length - 1 + from;
            drafts[i] = random.Next(3) == 0 ? random.Next(vocabulary) : Guess(paths[from], prompt.Length, sampling);
            paths.Add([.. paths[from], drafts[i]]);
        }
        return new SequenceRows
        {
            Slot = slot,
            BaseLength = 0,
            PrefixHash = PrefixHash.Empty,
            Tokens = [.. prompt, .. drafts],
            KnownCount = prompt.Length,
            Parents = parents,
            DraftLaws = random.Next(2) == 0 ? [] : [.. drafts.Select(Law)],
            Sample = random.Next(10) != 0,
            WantsCandidates = random.Next(3) == 0,
        };
    }

    private SamplingParameters Drawing(GrammarSource? source) => new()
    {
        Temperature = random.Next(6) == 0 ? 0 : 0.02f + (2f * random.NextSingle() * random.NextSingle()),
        TopK = Maybe(random.Next(4) == 0 ? vocabulary : random.Next(1, 60), 0),
        TopP = Maybe(0.05f + (0.949f * random.NextSingle()), 1),
        MinP = Maybe(random.NextSingle() * random.NextSingle(), 0),
        RepetitionPenalty = Maybe(0.5f + random.NextSingle(), 1),
        PresencePenalty = Maybe((2 * random.NextSingle()) - 1, 0),
        FrequencyPenalty = Maybe((2 * random.NextSingle()) - 1, 0),
        LogitBias = Maybe(Enumerable.Range(0, 5).Select(_ => random.Next(vocabulary)).Distinct().ToDictionary(id => id, _ => (20 * random.NextSingle()) - 10), []),
        BannedTokens = Maybe([.. Enumerable.Range(0, 4).Select(_ => random.Next(vocabulary))], Array.Empty<int>()),
        Grammar = source is null || random.Next(2) == 0 ? null : source,
        Seed = (ulong)random.NextInt64(),
        Choice = random.Next(3),
        Rule = random.Next(4) == 0 ? (AcceptanceRule)random.Next(5) : AcceptanceRule.Coupled,
    };

    private DraftLaw Law(int draft)
    {
        int other = (draft + 1) % vocabulary;
        return new DraftLaw([Math.Min(draft, other), Math.Max(draft, other)], [0.5f, 0.5f], [draft]);
    }

    // What the target draws after some tokens; anything where it cannot.
    private int Guess(int[] tokens, int promptTokens, SamplingParameters sampling)
    {
        float[] logits = new float[vocabulary];
        FakeShard.Logits(PrefixHash.Of(tokens), 1, logits);
        shape(logits);
        TokenHistory history = new(promptTokens);
        history.SyncTo(tokens);
        try
        {
            GrammarState? place = sampling.Grammar is null ? null : grammar!.Start.Advance(tokens.AsSpan(promptTokens));
            _sampler.Mask = place?.Mask;
            return _sampler.Sample(logits, SamplingPlan.Create(sampling, vocabulary), history, [], tokens.Length - promptTokens);
        }
        catch (SamplingException)
        {
            return random.Next(vocabulary);
        }
    }

    private T Maybe<T>(T on, T off) => random.Next(3) == 0 ? on : off;
}
