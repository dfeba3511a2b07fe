using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;
using Winnow.Inference.Tokenizers;
using Xunit.Abstractions;

namespace Winnow.Law.Tests;

/// <summary>
/// What the shared noise is worth for guessing what the target will draw (docs/speculation.md): the shipped draft model ranks the tokens after every token of texts
/// that the shipped target drew, by perturbed logits and by probability alone.
/// </summary>
public sealed class OutcomeRankingTests(ReferenceFixture reference, ITestOutputHelper output) : IClassFixture<ReferenceFixture>
{
    private const int Forks = 3;
    private const int Tokens = 96;

    [Theory]
    [InlineData(0.8f)]
    [InlineData(1.0f)]
    public void Rank_ByTheSharedNoise_HitsMoreOftenThanByProbability(float temperature)
    {
        Hits bonus = default;
        Hits first = default;
        Hits correction = default;
        for (int i = 0; i < 3 * reference.Prompts.Count; i++)
        {
            Count(reference.Prompts[i % reference.Prompts.Count], new SamplingParameters { Temperature = temperature, Seed = (ulong)i }, ref bonus, ref first, ref correction);
        }

        output.WriteLine($"temperature {temperature}: {bonus.Seen} places, {correction.Seen} refused drafts");
        output.WriteLine($"bonus token, one fork: shared noise {bonus.Shared:P1}, probability {bonus.Plain:P1}, ratio {bonus.Shared / bonus.Plain:F2}");
        output.WriteLine($"correction, one fork: shared noise {first.Shared:P1}, probability {first.Plain:P1}, ratio {first.Shared / first.Plain:F2}");
        output.WriteLine($"correction, {Forks} forks: shared noise {correction.Shared:P1}, probability {correction.Plain:P1}, ratio {correction.Shared / correction.Plain:F2}");
        Assert.True(bonus.Seen > 1000 && correction.Seen > 100);
        Assert.True(bonus.Shared > 1.05 * bonus.Plain);
        Assert.True(correction.Shared > 1.2 * correction.Plain);
    }

    private static void Count(int[] prompt, SamplingParameters sampling, ref Hits bonus, ref Hits first, ref Hits correction)
    {
        using var target = new Text(LawModel.TargetPath);
        using var draft = new Text(LawModel.DraftPath);
        SamplingPlan plan = SamplingPlan.Create(sampling, target.Vocabulary);
        SamplingPlan byProbability = SamplingPlan.Create(SamplingParameters.Greedy, target.Vocabulary);
        var sampler = new TokenSampler(target.Vocabulary);
        var shared = new RankedToken[1 + Forks];
        var plain = new RankedToken[1 + Forks];
        int[] next = prompt;
        for (int index = 0; index < Tokens && !target.IsEnd(next[^1]); index++)
        {
            int drawn = sampler.Sample(target.Append(next), plan, null, [], index);
            float[] logits = draft.Append(next);
            sampler.Rank(logits, plan, null, [], index, shared);
            sampler.Rank(logits, byProbability, null, [], index, plain);
            int proposed = shared[0].Token;
            bonus.Add(proposed == drawn, plain[0].Token == drawn);
            if (proposed != drawn)
            {
                int[] others = [.. plain.Select(ranked => ranked.Token).Where(token => token != proposed).Take(Forks)];
                first.Add(shared[1].Token == drawn, others[0] == drawn);
                correction.Add(shared.Any(ranked => ranked.Token == drawn), others.Contains(drawn));
            }
            next = [drawn];
        }
    }

    private struct Hits
    {
        private int _shared;
        private int _plain;

        public int Seen { get; private set; }

        public readonly double Shared => (double)_shared / Seen;

        public readonly double Plain => (double)_plain / Seen;

        public void Add(bool shared, bool plain)
        {
            _shared += shared ? 1 : 0;
            _plain += plain ? 1 : 0;
            Seen++;
        }
    }

    /// <summary>A model that reads one text, all of whose blocks are its own.</summary>
    private sealed class Text : IDisposable
    {
        private const int Blocks = 16;
        private readonly ModelFile _file;
        private readonly IShard _shard;
        private readonly IReadOnlyList<int> _ends;
        private readonly ForwardBatch _batch = new();
        private int _length;

        public Text(string path)
        {
            _file = ModelFile.Open(path);
            _ends = TokenizerFactory.FromFile(_file).EndTokens;
            _shard = new CpuBackend().LoadShard(_file, new ShardOptions { KvBlockCount = Blocks });
        }

        public int Vocabulary => _shard.Spec.VocabularySize;

        public bool IsEnd(int token) => _ends.Contains(token);

        /// <summary>Reads on; answers with the logits after the last token.</summary>
        public float[] Append(int[] tokens)
        {
            _batch.Clear();
            ForwardSequence rows = _batch.Add(tokens.Length);
            rows.BaseLength = _length;
            rows.FirstOutputRow = tokens.Length - 1;
            rows.SetBlocks([.. Enumerable.Range(0, Blocks)]);
            tokens.CopyTo(rows.Tokens);
            for (int row = 0; row < tokens.Length; row++)
            {
                rows.Parents[row] = row - 1;
                rows.Depths[row] = row;
                rows.KvSlots[row] = _length + row;
            }
            var hidden = new float[tokens.Length * _shard.Spec.ModelSize];
            _shard.Forward(_batch, [], hidden, CancellationToken.None);
            var logits = new float[Vocabulary];
            _shard.ComputeLogits(hidden.AsSpan(hidden.Length - _shard.Spec.ModelSize), 1, logits);
            _length += tokens.Length;
            return logits;
        }

        public void Dispose()
        {
            _shard.Dispose();
            _file.Dispose();
        }
    }
}
