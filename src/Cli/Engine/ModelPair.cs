using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Cli.Engine;

/// <summary>What can be wrong with models and shards and is seen in the files' headers, before anything is started.</summary>
internal static class ModelPair
{
    /// <summary>Checks that the target can be cut as asked and that the draft speaks its tokens.</summary>
    /// <exception cref="ModelFileException">A file cannot be used.</exception>
    /// <exception cref="CliException">The models, or the number of shards, do not go together.</exception>
    public static void Check(EngineOptions options)
    {
        ModelConfiguration target = Read(options.ModelPath);
        if (options.Shards > target.Layers)
        {
            throw new CliException($"--shards '{options.Shards}' is more than the layers of '{options.ModelPath}'; give 1 to {target.Layers}.", CliException.BadUsage);
        }
        if (options.DraftPath is { } path && Read(path).VocabularySize is int size && size != target.VocabularySize)
        {
            throw new CliException($"--draft '{path}' has a vocabulary of '{size}' tokens, --model '{options.ModelPath}' one of {target.VocabularySize}; use a draft with the target's tokeniser.");
        }
    }

    private static ModelConfiguration Read(string path)
    {
        using ModelFile file = ModelFile.Open(path);
        return ModelConfigurationReader.Read(file);
    }
}
