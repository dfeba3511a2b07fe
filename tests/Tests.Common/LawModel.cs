using Winnow.Inference.Cache;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Tests.Common;

/// <summary>A small model file and the pipelines of it that tests of the law compare.</summary>
public class LawModel : IDisposable
{
    public const int Layers = 3;
    public const int ContextTokens = 64;
    public const int ScratchTokens = 64;
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFile _file;
    private readonly KvType _kvType;
    private readonly List<IShard> _shards = [];

    /// <summary>A Llama with weights of a type, or one of <see cref="TinyModel.All"/>; "/kv type" after it asks for another than f16.</summary>
    public LawModel(string subject)
    {
        string[] parts = subject.Split('/');
        _kvType = parts.Length > 1 && KvTypes.TryParse(parts[1], out KvType kvType) ? kvType : KvType.F16;
        _file = ModelFile.Open(Enum.TryParse(parts[0], out GgmlType type)
            ? Llama(type).Write(_folder)
            : (TinyModel.All[parts[0]] with { Layers = Layers }).Write(_folder));
    }

    /// <summary>A model of a test's own.</summary>
    public LawModel(TinyModel model, KvType kvType = KvType.F16)
    {
        ArgumentNullException.ThrowIfNull(model);
        _kvType = kvType;
        _file = ModelFile.Open((model with { Layers = Layers }).Write(_folder));
    }

    /// <summary>Loads the model cut at the given layers.</summary>
    public ShardDriver Load(IComputeBackend backend, int threads = 1, params int[] cuts)
    {
        int[] edges = [0, .. cuts, Layers];
        IShard[] shards =
        [
            .. edges.Zip(edges.Skip(1), (first, last) => backend.LoadShard(_file, new ShardOptions
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
        GC.SuppressFinalize(this);
    }

    private static TinyLlama Llama(GgmlType type) => new()
    {
        Layers = Layers,
        WeightType = type,
        ModelSize = type.BlockElements() == 256 ? 256 : 96,
        Heads = type.BlockElements() == 256 ? 8 : 6,
        KvHeads = 2,
        FeedForwardSize = type.BlockElements() == 256 ? 256 : 96,
    };
}
