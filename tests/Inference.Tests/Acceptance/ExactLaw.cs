using Winnow.Inference.Acceptance;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Acceptance;

/// <summary>
/// The exact distribution of what a shard engine generates, by taking every random choice of drafts and verification in turn, and that of plain
/// autoregression with the same processors (SPEC.md, section 27 A).
/// </summary>
internal static class ExactLaw
{
    public const int Vocabulary = 4;

    public static int PromptTokens => Prompt.Length;

    private static readonly int[] Prompt = [1, 3, 0];

    /// <summary>The tokens as texts: a, b, c and the end.</summary>
    private static readonly GrammarVocabulary Texts = new([[(byte)'a'], [(byte)'b'], [(byte)'c'], []], [Vocabulary - 1]);

    /// <summary>Distribution of the first tokens.</summary>
    /// <param name="sampling">How to sample, the rule included.</param>
    /// <param name="count">Tokens.</param>
    /// <param name="rounds">Steps with drafts; those after them have none.</param>
    /// <param name="draft">Drafts for a prefix.</param>
    /// <param name="lawAfter">What drafts are drawn from after a prefix.</param>
    public static Dictionary<string, double> OfEngine(
        SamplingParameters sampling, int count, int rounds, Action<DrawnTree, int[]> draft, Func<int[], DraftLaw?> lawAfter)
    {
        Dictionary<string, double> law = [];
        Branches branches = new();
        using ShardEngine engine = new(new FakeShard(FakeShard.Shape(blocks: 4, vocabulary: Vocabulary)), grammars: new Lazy<GrammarVocabulary>(Texts)) { Lots = branches };
        for (long epoch = 1; branches.Next(); epoch++)
        {
            int[] tokens = Generate(engine, epoch, sampling, count, (prefix, round) =>
            {
                DrawnTree tree = new(branches, lawAfter);
                if (round <= rounds)
                {
                    draft(tree, prefix);
                }
                return new DraftProposal { Sequence = 0, Tokens = tree.Tokens, Parents = tree.Parents, Laws = tree.Laws };
            });
            string key = string.Join(' ', tokens[..count]);
            law[key] = law.GetValueOrDefault(key) + branches.Probability;
        }
        return law;
    }

    /// <summary>Distribution of the first tokens without drafts.</summary>
    public static Dictionary<string, double> OfAutoregression(SamplingParameters sampling, int count)
    {
        Dictionary<string, double> law = [];
        Branches branches = new();
        while (branches.Next())
        {
            int[] tokens = [.. Prompt];
            for (int i = 0; i < count; i++)
            {
                tokens = [.. tokens, branches.Choose(TargetAfter(tokens, sampling))];
            }
            law[string.Join(' ', tokens[Prompt.Length..])] = branches.Probability;
        }
        return law;
    }

    /// <summary>The target's distribution after a prefix.</summary>
    public static double[] TargetAfter(int[] prefix, SamplingParameters sampling)
    {
        float[] logits = new float[Vocabulary];
        FakeShard.Logits(PrefixHash.Of(prefix), 1, logits);
        SamplingPlan plan = SamplingPlan.Create(sampling, Vocabulary);
        TokenHistory history = new(Prompt.Length);
        history.SyncTo(prefix);
        double[] weights = new double[Vocabulary];
        GrammarState? grammar = sampling.Grammar is null ? null : Texts.Compile(sampling.Grammar).Start.Advance(prefix.AsSpan(Prompt.Length));
        if (grammar is { IsFinished: true })
        {
            // Nothing is drawn behind a complete text.
            weights[grammar.EndToken] = 1;
            return weights;
        }
        double total = new TokenSampler(Vocabulary) { Mask = grammar?.Mask }.Weigh(logits, plan, history, [], weights);
        return [.. weights.Select(weight => weight / total)];
    }

    /// <summary>The largest difference between two distributions.</summary>
    public static double Distance(Dictionary<string, double> a, Dictionary<string, double> b) =>
        a.Keys.Union(b.Keys).Max(key => Math.Abs(a.GetValueOrDefault(key) - b.GetValueOrDefault(key)));

    /// <summary>Generates tokens after the prompt, at least as many as asked for.</summary>
    /// <param name="engine">The target.</param>
    /// <param name="epoch">Above that of all calls before.</param>
    /// <param name="sampling">How to sample.</param>
    /// <param name="count">Tokens.</param>
    /// <param name="draft">Drafts after a prefix in a round, counted from 1.</param>
    public static int[] Generate(ShardEngine engine, long epoch, SamplingParameters sampling, int count, Func<int[], int, DraftProposal> draft)
    {
        // A new epoch begins with no slots.
        StepBatch open = new() { Epoch = epoch, Step = 0 };
        open.Opens.Add(new SequenceOpen
        {
            Slot = 0,
            Tokens = Prompt,
            PromptTokens = Prompt.Length,
            CachedTokens = 0,
            Blocks = [0, 1, 2, 3],
            Sampling = sampling,
        });
        open.Sequences.Add(new SequenceRows
        {
            Slot = 0,
            BaseLength = 0,
            PrefixHash = PrefixHash.Empty,
            Tokens = Prompt[..^1],
            KnownCount = Prompt.Length - 1,
            Sample = false,
        });
        Run(engine, open);
        int[] tokens = Prompt;
        int[] keep = [];
        for (int round = 1; tokens.Length < Prompt.Length + count; round++)
        {
            DraftProposal drafts = draft(tokens, round);
            StepBatch batch = new() { Epoch = epoch, Step = round };
            batch.Sequences.Add(new SequenceRows
            {
                Slot = 0,
                BaseLength = tokens.Length - 1,
                PrefixHash = PrefixHash.Of(tokens[..^1]),
                Tokens = [tokens[^1], .. drafts.Tokens],
                KnownCount = 1,
                Parents = [.. drafts.Parents.Select(parent => parent + 1)],
                DraftLaws = drafts.Laws,
                Sample = true,
                KeepPath = keep,
            });
            SequenceResult result = Run(engine, batch);
            Assert.Equal(result.Accepted, result.Path.Length);
            Assert.True(result.Tokens.AsSpan(0, result.Accepted).SequenceEqual([.. result.Path.Select(row => drafts.Tokens[row - 1])]));
            tokens = [.. tokens, .. result.Tokens];
            keep = result.Path;
        }
        return tokens[Prompt.Length..];
    }

    private static SequenceResult Run(ShardEngine engine, StepBatch batch)
    {
        SequenceResult result = engine.Execute(batch, [], default).Result!.Sequences.Single();
        Assert.Null(result.Error);
        return result;
    }
}
