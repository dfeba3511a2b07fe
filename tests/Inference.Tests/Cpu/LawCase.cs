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
    private readonly List<IShard> _shards = [];

    public LawCase(GgmlType type) => _file = ModelFile.Open(new TinyLlama
    {
        Layers = Layers,
        WeightType = type,
        ModelSize = type.BlockElements() == 256 ? 256 : 96,
        Heads = type.BlockElements() == 256 ? 8 : 6,
        KvHeads = 2,
        FeedForwardSize = type.BlockElements() == 256 ? 256 : 96,
    }.Write(_folder));

    /// <summary>First slot of the scratch rows.</summary>
    public static int FirstScratchSlot(ShardSpec spec) => spec.BlockCount * spec.BlockTokens;

    public static int[] Tokens(int count, int seed = 13) => [.. Enumerable.Range(0, count).Select(i => ((i * 7919) + seed) % 256)];

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
