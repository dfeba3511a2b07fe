using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Grammar;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Execution;

/// <summary>Shard engines in a row, as the cluster runs them.</summary>
internal sealed class Pipeline
{
    private long _step;

    public Pipeline(int shards = 1, int blocks = 64, int scratch = 24, ShardEngineOptions? options = null, GrammarVocabulary? grammars = null)
    {
        Shards = [.. Enumerable.Range(0, shards).Select(i => new FakeShard(FakeShard.Shape(i, shards, blocks, scratch)))];
        Engines = [.. Shards.Select(shard => new ShardEngine(shard, options, grammars: grammars is null ? null : new Lazy<GrammarVocabulary>(grammars)))];
    }

    public FakeShard[] Shards { get; }

    public ShardEngine[] Engines { get; }

    public ShardSpec Spec => Shards[0].Spec;

    public StepBatch NewStep() => new() { Epoch = 1, Step = ++_step };

    public StepOutcome Run(StepBatch batch)
    {
        float[] hidden = [];
        foreach (ShardEngine engine in Engines)
        {
            StepOutcome outcome = engine.Execute(batch, hidden, CancellationToken.None);
            if (outcome.Error is not null || outcome.Result is not null)
            {
                return outcome;
            }
            (batch, hidden) = (outcome.Batch, outcome.Hidden.ToArray());
        }
        throw new InvalidOperationException("The last shard gave no result.");
    }

    public SequenceResult RunOne(SequenceRows rows)
    {
        StepBatch batch = NewStep();
        batch.Sequences.Add(rows);
        return Run(batch).Result!.Sequences.Single();
    }

    /// <summary>Opens a slot with its own blocks and runs its whole prompt.</summary>
    public SequenceResult Start(int slot, int[] prompt, SamplingParameters sampling, int[] blocks)
    {
        StepBatch batch = NewStep();
        batch.Opens.Add(new SequenceOpen
        {
            Slot = slot,
            Tokens = prompt,
            PromptTokens = prompt.Length,
            CachedTokens = 0,
            Blocks = blocks,
            Sampling = sampling,
        });
        batch.Sequences.Add(Rows(slot, [], prompt));
        return Run(batch).Result!.Sequences.Single();
    }

    public static SequenceRows Rows(int slot, int[] prefix, int[] known, int[]? drafts = null, int[]? parents = null, int[]? keep = null, bool candidates = false) => new()
    {
        Slot = slot,
        BaseLength = prefix.Length,
        PrefixHash = PrefixHash.Of(prefix),
        Tokens = [.. known, .. drafts ?? []],
        KnownCount = known.Length,
        Parents = parents ?? [],
        Sample = true,
        KeepPath = keep ?? [],
        WantsCandidates = candidates,
    };

    /// <summary>Plain autoregression: what every way of running the sequence must give.</summary>
    public static int[] Autoregress(int[] prompt, SamplingParameters sampling, int count, int vocabulary = 50)
        => Continue(prompt, prompt.Length, sampling, count, vocabulary);

    /// <summary>The same from the middle of a generation: the first <paramref name="promptTokens"/> of the tokens are the prompt.</summary>
    public static int[] Continue(int[] known, int promptTokens, SamplingParameters sampling, int count, int vocabulary = 50)
    {
        TokenSampler sampler = new(vocabulary);
        SamplingPlan plan = SamplingPlan.Create(sampling, vocabulary);
        TokenHistory history = new(promptTokens);
        List<int> tokens = [.. known];
        float[] logits = new float[vocabulary];
        for (int index = known.Length - promptTokens; tokens.Count < known.Length + count; index++)
        {
            FakeShard.Logits(PrefixHash.Of([.. tokens]), 1, logits);
            history.SyncTo([.. tokens]);
            tokens.Add(sampler.Sample(logits, plan, history, [], index));
        }
        return [.. tokens.Skip(known.Length)];
    }
}
