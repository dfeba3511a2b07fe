using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.CrossVocabulary;
using Winnow.Inference.Drafting.Stopping;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Drafting.Stopping;

/// <summary>A trained network that ends the draft model's chains: its arithmetic, what it makes of drafting, and files that are not what they say.</summary>
public sealed class StopHeadTests : IDisposable
{
    private static readonly TinyLlama Draft = new();
    private static readonly TinyStopHead Head = new(Draft.ModelSize);
    private static readonly int[] Prompt = [4, 108, 15, 16, 23, 42, 7];
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFile _draft;

    public StopHeadTests() => _draft = ModelFile.Open(Draft.Write(_folder));

    public static TheoryData<string, string> Broken => new()
    {
        { "architecture", "'general.architecture'" },
        { "width of the draft", "'stop_head.embedding_length'" },
        { "vocabulary", "'stop_head.vocabulary_size'" },
        { "another draft", "'stop_head.draft_hashes'" },
        { "no width", "'stop_head.width'" },
        { "many blocks", "'stop_head.block_count'" },
        { "fewer blocks than tensors", "tensor 'blk.1.weight'" },
        { "epsilon", "'stop_head.layer_norm_rms_epsilon'" },
        { "missing tensor", "'sure.weight'" },
        { "turned tensor", "tensor 'hidden.weight', shape" },
        { "not a number", "tensor 'output.bias'" },
        { "type", "tensor 'norm.weight', type" },
    };

    public void Dispose()
    {
        _draft.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Chance_AnyState_IsWhatPlainArithmeticSays()
    {
        StopHead sut = Load(Build());
        Random random = new(3);
        for (int round = 0; round < 50; round++)
        {
            float[] hidden = [.. Enumerable.Range(0, Draft.ModelSize).Select(_ => 4 * (random.NextSingle() - 0.5f))];
            float probability = round == 0 ? 0 : random.NextSingle();
            float lead = round == 1 ? float.PositiveInfinity : 20 * random.NextSingle();

            Assert.Equal(Head.Chance(hidden, probability, lead), sut.Chance(hidden, probability, lead), 1e-5);
        }
        Assert.Equal(0, sut.Chance(new float[Draft.ModelSize].Select(_ => float.NaN).ToArray(), 1, 1));
    }

    [Fact]
    public void Propose_StopHead_EndsTheChainByItsProduct()
    {
        SamplingParameters sampling = new() { Seed = 5, Temperature = 0.8f };
        StopHead head = Load(Build());
        DraftProposal whole = Ask(null, sampling, 0);
        Assert.Equal(whole.Tokens, Ask(head, sampling, 0).Tokens);

        int ended = 0;
        foreach (double least in new[] { 0.8, 0.5, 0.2, 0.05 })
        {
            DraftProposal proposal = Ask(head, sampling, least);
            Assert.Equal(whole.Tokens[..proposal.Tokens.Length], proposal.Tokens);
            Assert.Equal(whole.Confidences[..proposal.Tokens.Length], proposal.Confidences);
            Assert.Equal(proposal.Tokens.Length < 12 ? DraftStop.StopHead : DraftStop.Limit, proposal.Stop);
            Assert.True(proposal.Tokens.Length >= ended);
            ended = proposal.Tokens.Length;
        }
        Assert.NotEqual(Ask(head, sampling, 0.8).Tokens.Length, ended);
    }

    [Theory]
    [InlineData(0.8f, AcceptanceRule.Rejection)]
    [InlineData(0, AcceptanceRule.Coupled)]
    public void Propose_GreedyOrARuleThatNeedsTheDistribution_IsEndedByTheTable(float temperature, AcceptanceRule rule)
    {
        SamplingParameters sampling = new() { Seed = 5, Temperature = temperature, Rule = rule };
        DraftProposal proposal = Ask(Load(Build()), sampling, 0.5);

        Assert.Equal(DraftStop.Table, proposal.Stop);
        Assert.Equal(Ask(null, sampling, 0.5).Tokens, proposal.Tokens);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void Load_FileThatIsNotWhatItSays_SaysWhat(string what, string field)
    {
        ModelFileException error = Assert.Throws<ModelFileException>(() => Load(Break(what)));

        Assert.Contains(field, error.Message);
    }

    [Fact]
    public void LoadStopHead_DraftThatTranslates_IsRefused()
    {
        using var file = ModelFile.Open(_folder.Write("stop.gguf", Build().ToBytes()));
        ITokenizer tokens = TokenizerFactory.FromFile(_draft);
        VocabularyBridge bridge = new(tokens, tokens);

        Assert.Contains("translated", Assert.Throws<ModelFileException>(() => DraftEngines.LoadStopHead(file, _draft, bridge)).Message);
        Assert.NotNull(DraftEngines.LoadStopHead(file, _draft, null));
    }

    private GgufBuilder Build() => Head.Build(_draft);

    private GgufBuilder Break(string what)
    {
        TinyStopHead head = new(Draft.ModelSize);
        switch (what)
        {
            case "missing tensor":
                head.Tensors.Remove("sure.weight");
                break;
            case "turned tensor":
                head.Tensors["hidden.weight"] = (TinyStopHead.Width, Draft.ModelSize, head.Tensors["hidden.weight"].Values);
                break;
            case "not a number":
                head.Tensors["output.bias"] = (1, 0, [float.NaN]);
                break;
            case "type":
                head.Tensors.Remove("norm.weight");
                break;
        }
        (string Key, object Value)? change = what switch
        {
            "architecture" => ("general.architecture", "eagle3"),
            "width of the draft" => ("stop_head.embedding_length", Draft.ModelSize + 1),
            "vocabulary" => ("stop_head.vocabulary_size", 2),
            "another draft" => ("stop_head.draft_hashes", new[] { "4567" }),
            "no width" => ("stop_head.width", 0),
            "many blocks" => ("stop_head.block_count", int.MaxValue),
            "fewer blocks than tensors" => ("stop_head.block_count", 1),
            "epsilon" => ("stop_head.layer_norm_rms_epsilon", float.NaN),
            _ => null,
        };
        if (change is { } key)
        {
            head.Keys.Add(key.Key, key.Value);
        }
        GgufBuilder builder = head.Build(_draft);
        return what == "type" ? builder.Tensor("norm.weight", GgmlType.I32, [Draft.ModelSize], new byte[4 * Draft.ModelSize]) : builder;
    }

    private StopHead Load(GgufBuilder builder)
    {
        using ModelFile file = ModelFile.Open(_folder.Write($"stop-{Guid.NewGuid():N}.gguf", builder.ToBytes()));
        return StopHead.Load(file, _draft);
    }

    private DraftProposal Ask(StopHead? head, SamplingParameters sampling, double leastChance)
    {
        using DraftEngine engine = new(new CpuBackend().LoadShard(_draft, new ShardOptions { KvBlockCount = 16, Threads = 1 }), stopHead: head);
        return engine.Propose([new DraftQuery
        {
            Sequence = 1,
            KnownLength = 0,
            PrefixHash = PrefixHash.Empty,
            NewTokens = Prompt,
            DraftTokens = 12,
            PromptTokens = Prompt.Length,
            LeastChance = leastChance,
            Sampling = sampling,
        }], [], CancellationToken.None)[0];
    }
}
