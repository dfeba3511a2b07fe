using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Execution;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Drafting.Exits;

/// <summary>An early exit inside the first shard's steps.</summary>
public sealed class ExitDrafterTests : IDisposable
{
    private const int Wanted = 5;
    private const int ExitLayer = 2;
    private static readonly TinyLlama Target = new() { Layers = 4, FeedForwardSize = 96 };
    private static readonly int[] Prompt = [4, 108, 15, 16, 23, 42, 7, 99, 101, 32, 110, 54, 2, 76, 201, 17, 18, 3];
    private static readonly SamplingParameters Sampled = new() { Temperature = 0.7f, Seed = 5, FrequencyPenalty = 0.4f, RepetitionPenalty = 1.2f, TopP = 0.95f };
    private readonly TemporaryFolder _folder = new();
    private readonly TinyExit _exit;
    private readonly ModelFile _target;
    private readonly ModelFile _adapter;
    private readonly ModelFile _short;

    public ExitDrafterTests()
    {
        _exit = new TinyExit(Target, ExitLayer, feedForward: 96, _folder);
        _target = ModelFile.Open(Target.Write(_folder));
        _adapter = ModelFile.Open(_folder.Write("exit.gguf", _exit.Build().ToBytes()));
        _short = ModelFile.Open(_folder.Write("short.gguf", _exit.BuildShortModel().ToBytes()));
    }

    public void Dispose()
    {
        _target.Dispose();
        _adapter.Dispose();
        _short.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void Execute_AcceptedAndRejectedDrafts_DraftsWhatTheShortModelWouldAndDrawsWhatTheTargetDoes(int shards, bool isSampled)
    {
        SamplingParameters sampling = isSampled ? Sampled : SamplingParameters.Greedy;
        int[] expected = Autoregress(_target, Prompt, sampling, 24);
        using Run sut = new(_target, shards, _adapter);
        SequenceResult result = sut.Start(1, Prompt, sampling, chunk: 7, wanted: Wanted);
        List<int> tokens = [.. Prompt];
        while (tokens.Count < Prompt.Length + 16)
        {
            Assert.Equal(Autoregress(_short, [.. tokens], sampling, Wanted, Prompt.Length), result.ExitDrafts);
            Assert.Equal(expected.Skip(tokens.Count - Prompt.Length).Take(result.Tokens.Length), result.Tokens);
            tokens.AddRange(result.Tokens);
            result = sut.Step(1, tokens, [], Wanted);
        }
    }

    [Fact]
    public void Execute_DraftsThatTheTargetDraws_AcceptsThem()
    {
        // An adapter that is a copy of all that follows the exit drafts as the target draws.
        using ModelFile twin = ModelFile.Open(_folder.Write("twin.gguf", Twin().ToBytes()));
        using Run sut = new(_short, shards: 1, twin);
        int[] expected = Autoregress(_short, Prompt, SamplingParameters.Greedy, 2 * (Wanted + 1));

        SequenceResult first = sut.Start(1, Prompt, SamplingParameters.Greedy, chunk: 30, wanted: Wanted);
        SequenceResult second = sut.Step(1, [.. Prompt, .. first.Tokens], [], Wanted);

        Assert.Equal((Wanted, Wanted), (first.Accepted, second.Accepted));
        Assert.Equal(expected, first.Tokens.Concat(second.Tokens));
    }

    [Fact]
    public void Execute_BesideChunksAndTrees_DrawsAndDraftsTheSame()
    {
        using Run alone = new(_target, shards: 2, _adapter);
        alone.Start(1, Prompt, SamplingParameters.Greedy, chunk: 30, wanted: 0);
        using Run sut = new(_target, shards: 2, _adapter);
        int[] other = [.. Prompt.Reverse()];
        sut.Start(1, Prompt, SamplingParameters.Greedy, chunk: 30, wanted: 0);
        List<int> tree = [.. other, .. sut.Start(2, other, Sampled, chunk: 30, wanted: 0).Tokens];
        int first = Autoregress(_target, Prompt, SamplingParameters.Greedy, 1)[0];

        StepBatch batch = sut.NewStep();
        batch.Opens.Add(Run.Open(3, Prompt, Sampled));
        batch.Sequences.Add(Run.Rows(2, tree, [9, 8, 7], wanted: Wanted, parents: [0, 0, 2]));
        batch.Sequences.Add(Run.Rows(1, [.. Prompt, first], [], Wanted));
        batch.Sequences.Add(Run.Chunk(3, Prompt, 0, 6, isLast: false, Wanted));
        StepResult result = sut.Execute(batch);
        SequenceResult expected = alone.Step(1, [.. Prompt, first], [], Wanted);

        Assert.Equal(Wanted, expected.ExitDrafts.Length);
        Assert.Equal([[], expected.ExitDrafts, []], result.Sequences.Select(sequence => sequence.ExitDrafts));
        Assert.Equal(expected.Tokens, result.Sequences[1].Tokens);
        Assert.Equal(Autoregress(_target, [.. tree], Sampled, 1, other.Length)[0], result.Sequences[0].Tokens[0]);
    }

    [Theory]
    [InlineData(0, 0f, 0)]
    [InlineData(3, 0f, 3)]
    [InlineData(99, 0f, 14)]
    [InlineData(5, 1f, 1)]
    public void Execute_Limits_BoundTheDrafts(int wanted, float stop, int drafted)
    {
        using Run sut = new(_target, shards: 1, _adapter);

        // Two blocks hold 32 tokens: the prompt's 18 leave room for 14 drafts.
        SequenceResult result = sut.Start(1, Prompt, SamplingParameters.Greedy, chunk: 30, wanted, stop, blocks: 2);

        Assert.Equal(drafted, result.ExitDrafts.Length);
    }

    [Fact]
    public void Execute_StepRowsFull_DraftsForWhomThereIsRoom()
    {
        using Run sut = new(_target, shards: 1, _adapter, new ShardEngineOptions { MaxStepRows = Prompt.Length + 2 });

        Assert.Equal(2, sut.Start(1, Prompt, SamplingParameters.Greedy, chunk: 30, wanted: Wanted).ExitDrafts.Length);
    }

    [Fact]
    public void Load_ShardThatEndsTooEarly_SaysWhatTheExitNeeds()
    {
        ShardOptions options = new() { KvBlockCount = 4, LastLayer = 1 };
        using IShard shard = new CpuBackend().LoadShard(_target, options);

        ArgumentException error = Assert.Throws<ArgumentException>(() => new ExitDrafter(ExitModel.Read(_adapter, _target), shard, new CpuBackend(), options, TimeProvider.System));
        Assert.Contains("after '2' layers; the shard of layers 0 to 1", error.Message, StringComparison.Ordinal);
    }

    private GgufBuilder Twin()
    {
        GgufBuilder builder = new GgufBuilder().Set("general.architecture", "kangaroo").Set(TinyExit.LayerKey, ExitLayer);
        foreach (GgufTensor tensor in _short.Tensors.Where(tensor => tensor.Name.StartsWith($"blk.{ExitLayer}.", StringComparison.Ordinal) || tensor.Name == "output_norm.weight"))
        {
            builder.Tensor(tensor.Name.Replace($"blk.{ExitLayer}.", "blk.0.", StringComparison.Ordinal), tensor.Type, [.. tensor.Dimensions], _short.GetData(tensor).ToArray());
        }
        return builder;
    }

    private static int[] Autoregress(ModelFile model, int[] tokens, SamplingParameters sampling, int count, int? prompt = null)
    {
        using Run run = new(model, shards: 1, adapter: null);
        List<int> text = [.. tokens];
        text.AddRange(run.Start(1, tokens, sampling, chunk: 64, wanted: 0, promptTokens: prompt).Tokens);
        while (text.Count < tokens.Length + count)
        {
            text.AddRange(run.Step(1, text, [], wanted: 0).Tokens);
        }
        return [.. text.Skip(tokens.Length)];
    }

    /// <summary>Engines in a row, the first with the exit, fed as a coordinator does.</summary>
    private sealed class Run : IDisposable
    {
        private const int SlotBlocks = 4;
        private readonly ShardEngine[] _engines;
        private long _step;

        public Run(ModelFile target, int shards, ModelFile? adapter, ShardEngineOptions? limits = null)
        {
            int layers = ModelConfigurationReader.Read(target).Layers;
            _engines = new ShardEngine[shards];
            for (int i = 0; i < shards; i++)
            {
                ShardOptions options = new() { KvBlockCount = 16, ScratchTokens = 8, FirstLayer = layers * i / shards, LastLayer = layers * (i + 1) / shards };
                IShard shard = new CpuBackend().LoadShard(target, options);
                _engines[i] = new ShardEngine(shard, limits,
                    exit: i == 0 && adapter is not null ? new ExitDrafter(ExitModel.Read(adapter, target), shard, new CpuBackend(), options, TimeProvider.System) : null);
            }
        }

        public static SequenceOpen Open(int slot, int[] prompt, SamplingParameters sampling, int? promptTokens = null, int blocks = SlotBlocks) => new()
        {
            Slot = slot,
            Tokens = prompt,
            PromptTokens = promptTokens ?? prompt.Length,
            CachedTokens = 0,
            Blocks = [.. Enumerable.Range(SlotBlocks * slot, blocks)],
            Sampling = sampling,
        };

        public static SequenceRows Rows(int slot, List<int> tokens, int[] drafts, int wanted, int[]? parents = null) => new()
        {
            Slot = slot,
            BaseLength = tokens.Count - 1,
            PrefixHash = PrefixHash.Of(tokens.ToArray().AsSpan(0, tokens.Count - 1)),
            Tokens = [tokens[^1], .. drafts],
            Parents = parents ?? [],
            KnownCount = 1,
            Sample = true,
            ExitTokens = wanted,
        };

        public static SequenceRows Chunk(int slot, int[] prompt, int from, int to, bool isLast, int wanted, float stop = 0) => new()
        {
            Slot = slot,
            BaseLength = from,
            PrefixHash = PrefixHash.Of(prompt.AsSpan(0, from)),
            Tokens = prompt[from..to],
            KnownCount = to - from,
            Sample = isLast,
            ExitTokens = wanted,
            ExitStop = stop,
        };

        public StepBatch NewStep() => new() { Epoch = 1, Step = ++_step };

        public SequenceResult Start(
            int slot, int[] prompt, SamplingParameters sampling, int chunk, int wanted, float stop = 0, int blocks = SlotBlocks, int? promptTokens = null)
        {
            SequenceResult? result = null;
            for (int at = 0; at < prompt.Length; at += chunk)
            {
                int end = Math.Min(prompt.Length, at + chunk);
                StepBatch batch = NewStep();
                if (at == 0)
                {
                    batch.Opens.Add(Open(slot, prompt, sampling, promptTokens, blocks));
                }
                batch.Sequences.Add(Chunk(slot, prompt, at, end, end == prompt.Length, wanted, stop));
                result = Execute(batch).Sequences.Single();
            }
            return result!;
        }

        public SequenceResult Step(int slot, List<int> tokens, int[] drafts, int wanted)
        {
            StepBatch batch = NewStep();
            batch.Sequences.Add(Rows(slot, tokens, drafts, wanted));
            return Execute(batch).Sequences.Single();
        }

        public StepResult Execute(StepBatch batch)
        {
            float[] hidden = [];
            StepResult? result = null;
            foreach (ShardEngine engine in _engines)
            {
                StepOutcome outcome = engine.Execute(batch, hidden, CancellationToken.None);
                Assert.Null(outcome.Error);
                (batch, hidden, result) = (outcome.Batch, outcome.Hidden.ToArray(), outcome.Result);
            }
            Assert.All(result!.Sequences, sequence => Assert.Null(sequence.Error));
            return result;
        }

        public void Dispose() => Array.ForEach(_engines, engine => engine.Dispose());
    }
}
