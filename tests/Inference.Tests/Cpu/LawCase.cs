using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>A small model file and the pipelines that tests of the law compare.</summary>
internal sealed class LawCase : IDisposable
{
    public const int Layers = 3;
    public const int ContextTokens = 64;
    public const int ScratchTokens = 64;
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFile _file;
    private readonly KvType _kvType;
    private readonly List<IShard> _shards = [];

    public LawCase(GgmlType type)
        : this(Enum.GetName(type)!)
    {
    }

    /// <summary>A Llama with weights of a type, or one of <see cref="TinyModel.All"/>; "/kv type" after it asks for another than f16.</summary>
    public LawCase(string subject)
    {
        string[] parts = subject.Split('/');
        _kvType = parts.Length > 1 && KvTypes.TryParse(parts[1], out KvType kvType) ? kvType : KvType.F16;
        _file = ModelFile.Open(Enum.TryParse(parts[0], out GgmlType type)
            ? Llama(type).Write(_folder)
            : (TinyModel.All[parts[0]] with { Layers = Layers }).Write(_folder));
    }

    /// <summary>Every type of weights, every architecture and every form of the KV cache.</summary>
    public static IEnumerable<string> Subjects =>
        [.. WeightDecoder.AllTypes.Select(type => Enum.GetName(type)!), .. TinyModel.All.Keys, "F32/f32", "Q8_0/q8_0", "Q8_0/q4_0", "gemma2/q4_0"];

    /// <summary>First slot of the scratch rows.</summary>
    public static int FirstScratchSlot(ShardSpec spec) => spec.BlockCount * spec.BlockTokens;

    public static int[] Tokens(int count, int seed = 13) => [.. Enumerable.Range(0, count).Select(i => ((i * 7919) + seed) % 256)];

    private static TinyLlama Llama(GgmlType type) => new()
    {
        Layers = Layers,
        WeightType = type,
        ModelSize = type.BlockElements() == 256 ? 256 : 96,
        Heads = type.BlockElements() == 256 ? 8 : 6,
        KvHeads = 2,
        FeedForwardSize = type.BlockElements() == 256 ? 256 : 96,
    };

    /// <summary>Loads the model cut at the given layers.</summary>
    public ShardDriver Load(CpuKernels? kernels = null, int threads = 1, params int[] cuts)
    {
        int[] edges = [0, .. cuts, Layers];
        IShard[] shards =
        [
            .. edges.Zip(edges.Skip(1), (first, last) => new CpuBackend(kernels ?? CpuKernels.Best).LoadShard(_file, new ShardOptions
            {
                FirstLayer = first,
                LastLayer = last,
                KvBlockCount = 160,
                ScratchTokens = ScratchTokens,
                ContextTokens = ContextTokens,
                Threads = threads,
                KvType = _kvType,
            })),
        ];
        _shards.AddRange(shards);
        return new ShardDriver(shards);
    }

    public void Dispose()
    {
        _shards.ForEach(shard => shard.Dispose());
        _file.Dispose();
        _folder.Dispose();
    }
}
