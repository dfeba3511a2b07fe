using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Cli.Engine;

/// <summary>What can be wrong with models and shards and is seen in the files' headers, before anything is started.</summary>
internal static class ModelPair
{
    /// <summary>Checks that the target can be cut as asked and that both files are models.</summary>
    /// <exception cref="ModelFileException">A file cannot be used.</exception>
    /// <exception cref="CliException">The target cannot be cut into so many shards.</exception>
    public static void Check(EngineOptions options)
    {
        ModelConfiguration target = Read(options.ModelPath);
        if (options.Shards > target.Layers)
        {
            throw new CliException($"--shards '{options.Shards}' is more than the layers of '{options.ModelPath}'; give 1 to {target.Layers}.", CliException.BadUsage);
        }
        if (options.DraftPath is { } path)
        {
            _ = Read(path);
        }
    }

    private static ModelConfiguration Read(string path)
    {
        using ModelFile file = ModelFile.Open(path);
        return ModelConfigurationReader.Read(file);
    }
}
