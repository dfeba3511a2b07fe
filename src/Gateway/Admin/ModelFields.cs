using Winnow.Contracts.Grains;
using Winnow.Fetching;
using Winnow.Gateway.Api;
using Winnow.Inference.Files;

namespace Winnow.Gateway.Admin;

/// <summary>Reads what an operator wants of a model.</summary>
internal static class ModelFields
{
    private const int MostReplicas = 64;
    private const int MostShards = 1024;
    private const int MostNameCharacters = 128;

    /// <summary>A definition: the fields of <c>Silo:Models:N</c>, in snake_case.</summary>
    /// <exception cref="ApiException">A field is missing, of the wrong type, out of range or not known.</exception>
    public static ModelDefinition ReadDefinition(RequestFields fields)
    {
        var definition = new ModelDefinition
        {
            Name = ReadName(fields),
            ModelPath = ReadPath(fields, "model_path") ?? throw ApiException.Invalid("model_path", "'model_path' is required and must be a string.", "missing_required_parameter"),
            DraftPath = ReadPath(fields, "draft_path"),
            HeadPath = ReadPath(fields, "head_path"),
            ExitPath = ReadPath(fields, "exit_path"),
            StopHeadPath = ReadPath(fields, "stop_head_path"),
            Shards = fields.GetInteger("shards", 1, MostShards) ?? 1,
            Replicas = fields.GetInteger("replicas", 1, MostReplicas) ?? 1,
            ContextTokens = fields.GetInteger("context_tokens", 0, 1 << 24) ?? 0,
            KvBlockTokens = fields.GetInteger("kv_block_tokens", 16, 32) ?? 16,
            KvBlocks = fields.GetInteger("kv_blocks", 0, 1 << 24) ?? 0,
            MaxSequences = fields.GetInteger("max_sequences", 1, 1024) ?? 32,
        };
        fields.RefuseUnknown();
        if (definition.KvBlockTokens is not (16 or 32))
        {
            throw ApiException.Invalid("kv_block_tokens", $"'kv_block_tokens' is '{definition.KvBlockTokens}'; allowed are 16 and 32.");
        }
        return definition.StopHeadPath is null || definition.DraftPath is not null
            ? definition
            : throw ApiException.Invalid("stop_head_path", "'stop_head_path' stops a draft model, but 'draft_path' is missing; give both, or neither.");
    }

    /// <summary>A definition with another number of replicas or shards.</summary>
    /// <exception cref="ApiException">Neither is given, or a field is of the wrong type, out of range or not known.</exception>
    public static ModelDefinition ReadScale(RequestFields fields, ModelDefinition definition)
    {
        int? replicas = fields.GetInteger("replicas", 1, MostReplicas);
        int? shards = fields.GetInteger("shards", 1, MostShards);
        fields.RefuseUnknown();
        return (replicas ?? shards) is null
            ? throw ApiException.Invalid("replicas", "Neither 'replicas' nor 'shards' is given; give one or both.", "missing_required_parameter")
            : definition with { Replicas = replicas ?? definition.Replicas, Shards = shards ?? definition.Shards };
    }

    private static string ReadName(RequestFields fields)
    {
        string name = fields.RequireString("name");
        bool isPlain = name.Length is > 0 and <= MostNameCharacters && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/');
        return isPlain && !name.StartsWith('/') && !name.EndsWith('/') ? name : throw ApiException.Invalid("name",
            $"'name' has '{name.Length}' characters; it must have 1 to {MostNameCharacters}: letters, digits, '-', '_', '.', ':' and, inside, '/'.");
    }

    private static string? ReadPath(RequestFields fields, string field)
    {
        if (fields.GetString(field) is not { } path)
        {
            return null;
        }
        if (ModelLocation.IsRemote(path))
        {
            return ModelLocation.ProblemOf(path) is { } problem ? throw ApiException.Invalid(field, $"'{field}' cannot be used: {problem}.") : ModelLocation.Absolute(path);
        }
        return Path.IsPathFullyQualified(path) && ModelFile.Exists(path) ? Path.GetFullPath(path) : throw ApiException.Invalid(field,
            $"'{field}' is '{path}', which is no absolute path of a file or folder here; silo, workers and gateways must all read it under this path.");
    }
}
