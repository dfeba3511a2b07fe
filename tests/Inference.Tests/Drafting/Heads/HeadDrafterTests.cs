using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Execution;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Drafting.Heads;

/// <summary>A trained head inside the last shard's steps.</summary>
public sealed class HeadDrafterTests : IDisposable
{
    private const int Wanted = 5;
    private static readonly TinyLlama Target = new() { Layers = 4, FeedForwardSize = 96 };
    private static readonly TinyHead Head = new(Target, [2, 3], tokens: 100);
    private static readonly int[] Prompt = [4, 108, 15, 16, 23, 42, 7, 99, 101, 32, 110, 54, 2, 76, 201, 17, 18, 3];
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFile _target;
    private readonly ModelFile _head;

    public HeadDrafterTests()
    {
        _target = ModelFile.Open(Target.Write(_folder));
        _head = ModelFile.Open(_folder.Write("head.gguf", Head.Build().ToBytes()));
    }

    public void Dispose()
    {
        _target.Dispose();
        _head.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Execute_WholePrompt_GuessesWhatPlainArithmeticSays()
    {
        using Run sut = new(this);
        SequenceResult result = sut.Start(1, Prompt, [0, 1], chunk: Prompt.Length);

        float[][] features = [.. Enumerable.Range(0, Prompt.Length).Select(row => sut.Engine.Head!.Features[row].ToArray())];
        Assert.Equal(Head.Guess(features, [.. Prompt, .. result.Tokens], Wanted), result.HeadTokens);
        Assert.All(result.HeadConfidences, confidence => Assert.InRange(confidence, 0.01f, 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.9f)]
    public void Execute_Tree_HoldsTheLikeliestAfterEveryPath(float temperature)
    {
        const int Width = 3;
        using Run sut = new(this) { Width = Width, Depth = 3 };
        sut.Start(2, [.. Prompt.Reverse()], [5, 3], chunk: 4);
        SequenceResult result = sut.Start(1, Prompt, [0, 1], chunk: Prompt.Length, wanted: 14, new SamplingParameters { Temperature = temperature, Seed = 8 });

        float[][] features = [.. Enumerable.Range(0, Prompt.Length).Select(row => sut.Engine.Head!.Features[row].ToArray())];
        Assert.Equal((14, 14), (result.HeadTokens.Length, result.HeadParents.Length));
        double[] scores = new double[14];
        List<int>[] paths = new List<int>[14];
        for (int node = 0; node < 14; node++)
        {
            int parent = result.HeadParents[node];
            List<int> path = parent < 0 ? [] : paths[parent];
            float[] logits = Head.Logits(features, [.. Prompt, .. result.Tokens], path);
            GumbelNoise noise = new(8, 0, result.Tokens.Length + path.Count, 0);
            (int Token, double Sum)[] best = [.. logits.Select((logit, i) => (2 * i, logit + (temperature == 0 ? 0 : temperature * noise.Of(2 * i)))).OrderByDescending(pair => pair.Item2).Take(Width)];
            double chance = Math.Exp(best.Single(pair => pair.Token == result.HeadTokens[node]).Sum) / best.Sum(pair => Math.Exp(pair.Sum));

            Assert.Equal(chance, result.HeadConfidences[node], 1e-3);
            scores[node] = chance * (parent < 0 ? 1 : scores[parent]);
            Assert.True(node == 0 || scores[node] <= scores[node - 1] + 1e-6);
            paths[node] = [.. path, result.HeadTokens[node]];
        }
        Assert.Equal(3, paths.Max(path => path.Count));
        Assert.NotEqual(Enumerable.Range(-1, 14), result.HeadParents);
    }

    [Theory]
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue, 64)]
    [InlineData(int.MaxValue, int.MinValue, -3, 32)]
    [InlineData(int.MinValue, 5, 5, 0)]
    [InlineData(2, 200, 1, 2)]
    public void Execute_SizesThatCannotBeMeant_AreBounded(int wanted, int width, int depth, int expected)
    {
        using Run sut = new(this) { Width = width, Depth = depth };

        Assert.Equal(expected, sut.Start(1, Prompt, [0, 1], Prompt.Length, wanted).HeadTokens.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Execute_PromptInChunksBesideAnother_GuessesAsInOnePiece(int chunk)
    {
        using Run whole = new(this);
        using Run sut = new(this);
        int[] other = [.. Prompt.Reverse()];
        sut.Start(2, other, [5, 3], chunk: 4);

        Assert.Equal(whole.Start(1, Prompt, [0, 1], Prompt.Length).HeadTokens, sut.Start(1, Prompt, [8, 2], chunk).HeadTokens);
    }

    [Fact]
    public void Execute_AcceptedAndRejectedDrafts_GuessesAsFromAllTokensAnew()
    {
        using Run sut = new(this);
        List<int> tokens = [.. Prompt, .. sut.Start(1, Prompt, [0, 1, 2], chunk: 6).Tokens];
        for (int step = 0; step < 6; step++)
        {
            // What the target draws is learnt by running it aside, so that drafts are right up to a point.
            using Run aside = new(this);
            int[] drawn = aside.Generate([.. tokens], 4);
            int[] drafts = [.. drawn.Take(step % 4), 1, 2];
            SequenceResult result = sut.Step(1, tokens, drafts);
            tokens.AddRange(result.Tokens);

            using Run anew = new(this);
            Assert.Equal(step % 4, result.Accepted);
            Assert.Equal(anew.Continue([.. tokens.SkipLast(1)]).HeadTokens, result.HeadTokens);
        }
    }

    [Fact]
    public void Execute_HeadFromAFolderOfSafetensors_GuessesTheSame()
    {
        using ModelFile folder = ModelFile.Open(Head.WriteFolder(_folder));
        using Run sut = new(this, folder);
        using Run gguf = new(this);

        Assert.Equal(gguf.Start(1, Prompt, [0, 1], Prompt.Length).HeadTokens, sut.Start(1, Prompt, [0, 1], Prompt.Length).HeadTokens);
    }

    [Fact]
    public void Execute_NothingWanted_GuessesNothing()
    {
        using Run sut = new(this);

        Assert.Empty(sut.Start(1, Prompt, [0, 1], chunk: 30, wanted: 0).HeadTokens);
    }

    [Fact]
    public void Execute_SampledAndBiased_GuessesOnlyWhatTheTargetMayDraw()
    {
        using Run sut = new(this);
        SamplingParameters sampling = new()
        {
            Temperature = 1.5f,
            Seed = 3,
            FrequencyPenalty = 0.5f,
            BannedTokens = [.. Enumerable.Range(0, 90).Select(i => 2 * i)],
        };
        SequenceResult result = sut.Start(1, Prompt, [0, 1], chunk: 5, sampling: sampling);

        Assert.Equal(Wanted, result.HeadTokens.Length);
        Assert.All(result.HeadTokens, token => Assert.True(token >= 180 && token % 2 == 0, $"{token} is banned or not the head's"));
    }

    [Fact]
    public void Load_ShardThatBeginsTooLate_SaysWhatTheHeadReads()
    {
        using IShard shard = new CpuBackend().LoadShard(_target, new ShardOptions { KvBlockCount = 4, FirstLayer = 3 });

        ArgumentException error = Assert.Throws<ArgumentException>(() => new HeadDrafter(_head, _target, shard, 1, TimeProvider.System));
        Assert.Contains("after '2' to 3 layers", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("eagle3.target_layers", "'4'")]
    [InlineData("eagle3.embedding_length", "'48'")]
    [InlineData("eagle3.attention.head_count_kv", "'3'")]
    [InlineData("general.architecture", "'llama'")]
    public void Read_WrongMetadata_NamesIt(string key, string found)
    {
        object value = key switch
        {
            "eagle3.target_layers" => new[] { 2, 4 },
            "eagle3.embedding_length" => 48,
            "general.architecture" => "llama",
            _ => 3,
        };
        using ModelFile file = ModelFile.Open(_folder.Write("wrong.gguf", Head.Build().Without(key).Set(key, value).ToBytes()));

        ModelFileException error = Assert.Throws<ModelFileException>(() => HeadConfiguration.Read(file, ModelConfigurationReader.Read(_target)));
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_HeadOfAnotherTarget_NamesTheTensor()
    {
        using ModelFile other = ModelFile.Open((Target with { ModelSize = 96 }).Write(_folder, "other.gguf"));

        ModelFileException error = Assert.Throws<ModelFileException>(() => HeadConfiguration.Read(_head, ModelConfigurationReader.Read(other)));
        Assert.Contains("fc.weight", error.Message, StringComparison.Ordinal);
    }

    /// <summary>An engine with the head, fed as a coordinator does.</summary>
    private sealed class Run : IDisposable
    {
        private long _step;

        public Run(HeadDrafterTests test, ModelFile? head = null)
        {
            IShard shard = new CpuBackend().LoadShard(test._target, new ShardOptions { KvBlockCount = 16 });
            Engine = new ShardEngine(shard, head: new HeadDrafter(head ?? test._head, test._target, shard, 1, TimeProvider.System));
        }

        public ShardEngine Engine { get; }

        public int Width { get; init; }

        public int Depth { get; init; }

        public SequenceResult Start(int slot, int[] prompt, int[] blocks, int chunk, int wanted = Wanted, SamplingParameters? sampling = null)
        {
            SequenceOpen open = new()
            {
                Slot = slot,
                Tokens = prompt,
                PromptTokens = prompt.Length,
                CachedTokens = 0,
                Blocks = blocks,
                Sampling = sampling ?? SamplingParameters.Greedy,
            };
            SequenceResult? result = null;
            for (int at = 0; at < prompt.Length; at += chunk)
            {
                int end = Math.Min(prompt.Length, at + chunk);
                result = Execute(Rows(slot, prompt, at, prompt[at..end], end - at, end == prompt.Length, wanted), at == 0 ? open : null);
            }
            return result!;
        }

        public SequenceResult Step(int slot, List<int> tokens, int[] drafts)
        {
            int stored = tokens.Count - 1;
            return Execute(Rows(slot, [.. tokens], stored, [tokens[^1], .. drafts], 1, sample: true, Wanted), null);
        }

        /// <summary>A fresh sequence of all these tokens but the last, which is then decoded.</summary>
        public SequenceResult Continue(int[] tokens)
        {
            Start(1, tokens[..^1], [0, 1, 2], chunk: tokens.Length, wanted: 0);
            return Step(1, [.. tokens], []);
        }

        public int[] Generate(int[] tokens, int count)
        {
            List<int> text = [.. tokens];
            Start(1, tokens[..^1], [0, 1, 2], chunk: tokens.Length, wanted: 0);
            for (int i = 0; i < count; i++)
            {
                text.AddRange(Step(1, text, []).Tokens);
            }
            return [.. text.Skip(tokens.Length)];
        }

        public void Dispose() => Engine.Dispose();

        private SequenceRows Rows(int slot, int[] tokens, int stored, int[] rows, int known, bool sample, int wanted) => new()
        {
            Slot = slot,
            BaseLength = stored,
            PrefixHash = PrefixHash.Of(tokens.AsSpan(0, stored)),
            Tokens = rows,
            KnownCount = known,
            Sample = sample,
            HeadTokens = sample ? wanted : 0,
            HeadWidth = Width,
            HeadDepth = Depth,
        };

        private SequenceResult Execute(SequenceRows rows, SequenceOpen? open)
        {
            StepBatch batch = new() { Epoch = 1, Step = ++_step };
            if (open is not null)
            {
                batch.Opens.Add(open);
            }
            batch.Sequences.Add(rows);
            StepOutcome outcome = Engine.Execute(batch, [], CancellationToken.None);
            Assert.Null(outcome.Error);
            SequenceResult result = outcome.Result!.Sequences.Single();
            Assert.Null(result.Error);
            return result;
        }
    }
}
