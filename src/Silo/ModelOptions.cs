using Winnow.Contracts.Grains;
using Winnow.Fetching;

namespace Winnow.Silo;

/// <summary>A model to serve, as configuration gives it; <c>Silo:Models:0</c> and so on.</summary>
public sealed class ModelOptions
{
    /// <summary>Name that clients use in the <c>model</c> field. Required.</summary>
    public string Name { get; set; } = "";

    /// <summary>GGUF file or Hugging Face folder of the target: a path under which silo, workers and gateways all see it, or a URL (docs/models.md). Required.</summary>
    public string ModelPath { get; set; } = "";

    /// <summary>GGUF file or Hugging Face folder of the draft model. Default none.</summary>
    public string? DraftPath { get; set; }

    /// <summary>GGUF file of a trained head of the target, which drafts on the last shard. Default none.</summary>
    public string? HeadPath { get; set; }

    /// <summary>GGUF file of an early exit of the target, which drafts on the first shard. Default none.</summary>
    public string? ExitPath { get; set; }

    /// <summary>GGUF file of a stop head of the draft model, which then ends its chains in place of the table. Default none.</summary>
    public string? StopHeadPath { get; set; }

    /// <summary>Pipeline shards. Default 1, range 1 to 1024 and at most the model's layers.</summary>
    public int Shards { get; set; } = 1;

    /// <summary>Running copies of the model, on workers of their own as far as there are any. Default 1, range 1 to 64.</summary>
    public int Replicas { get; set; } = 1;

    /// <summary>Longest sequence in tokens. Default 0: the model's own. Range 0 to 16777216 and at most the model's own.</summary>
    public int ContextTokens { get; set; }

    /// <summary>Tokens per KV block, 16 or 32. Default 16.</summary>
    public int KvBlockTokens { get; set; } = 16;

    /// <summary>Logical KV blocks. Default 0: as many as <see cref="MaxSequences"/> full contexts need and memory allows. Range 0 to 16777216.</summary>
    public int KvBlocks { get; set; }

    /// <summary>Sequences that run at once. Default 32, range 1 to 1024.</summary>
    public int MaxSequences { get; set; } = 32;

    /// <summary>The definition for the model's grain, with absolute paths.</summary>
    internal ModelDefinition ToDefinition() => new()
    {
        Name = Name,
        ModelPath = ModelLocation.Absolute(ModelPath),
        DraftPath = string.IsNullOrEmpty(DraftPath) ? null : ModelLocation.Absolute(DraftPath),
        HeadPath = string.IsNullOrEmpty(HeadPath) ? null : ModelLocation.Absolute(HeadPath),
        ExitPath = string.IsNullOrEmpty(ExitPath) ? null : ModelLocation.Absolute(ExitPath),
        StopHeadPath = string.IsNullOrEmpty(StopHeadPath) ? null : ModelLocation.Absolute(StopHeadPath),
        Shards = Shards,
        Replicas = Replicas,
        ContextTokens = ContextTokens,
        KvBlockTokens = KvBlockTokens,
        KvBlocks = KvBlocks,
        MaxSequences = MaxSequences,
    };
}
