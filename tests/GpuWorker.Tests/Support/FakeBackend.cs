using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.GpuWorker.Tests.Support;

/// <summary>A backend whose shards compute nothing and whose passes a test can hold up or break.</summary>
internal sealed class FakeBackend : IComputeBackend
{
    public string Name => "fake";

    public string KernelVersion => "1";

    public string Device => "fake device";

    public int Loads { get; private set; }

    public List<FakeShard> Shards { get; } = [];

    public bool PassesOverlap { get; init; }

    public IShard LoadShard(ModelFile file, ShardOptions options, IProgress<LoadProgress>? progress = null, CancellationToken cancellation = default)
    {
        Loads++;
        progress?.Report(new LoadProgress(1, 2));
        progress?.Report(new LoadProgress(2, 2));
        int layers = ModelConfigurationReader.Read(file).Layers;
        FakeShard shard = new(new ShardSpec
        {
            FirstLayer = options.FirstLayer,
            LastLayer = options.LastLayer == 0 ? layers : options.LastLayer,
            ModelLayers = layers,
            ModelSize = FakeShard.Width,
            VocabularySize = 50,
            BlockTokens = options.KvBlockTokens,
            BlockCount = options.KvBlockCount,
            ScratchTokens = options.ScratchTokens,
            ContextTokens = options.ContextTokens,
        })
        {
            PassesOverlap = PassesOverlap,
        };
        Shards.Add(shard);
        return shard;
    }
}
