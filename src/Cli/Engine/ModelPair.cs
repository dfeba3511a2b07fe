using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Drafting.Stopping;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Cli.Engine;

/// <summary>What can be wrong with models and shards and is seen in the files' headers, before anything is started.</summary>
internal static class ModelPair
{
    /// <summary>Checks that the target can be cut as asked and that the files are what they are given as.</summary>
    /// <exception cref="ModelFileException">A file cannot be used.</exception>
    /// <exception cref="CliException">The target cannot be cut into so many shards, or the head does not reach its layers then.</exception>
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
        if (options.StopHeadPath is { } stopHead)
        {
            using ModelFile file = CliModels.Open(stopHead);
            using ModelFile draft = CliModels.Open(options.DraftPath
                ?? throw new CliException($"--stop-head '{stopHead}' stops a draft model, and there is none; give one with --draft.", CliException.BadUsage));
            StopHead.Load(file, draft);
        }
        if (options.ExitPath is { } exit)
        {
            using ModelFile file = CliModels.Open(exit);
            using ModelFile model = CliModels.Open(options.ModelPath);
            int leaves = ExitModel.Read(file, model).Layers;
            int ends = target.Layers / options.Shards;
            if (ends < leaves)
            {
                throw new CliException($"--head '{exit}' leaves the target after '{leaves}' layers, but the first of {options.Shards} shards ends at layer {ends}; use fewer --shards, or no early exit.", CliException.BadUsage);
            }
        }
        if (options.HeadPath is { } head)
        {
            using ModelFile file = CliModels.Open(head);
            int reads = HeadConfiguration.Read(file, target).Layers[0];
            int begins = target.Layers * (options.Shards - 1) / options.Shards;
            if (begins > reads)
            {
                throw new CliException($"--head '{head}' reads hidden states after '{reads}' layers, but the last of {options.Shards} shards begins at layer {begins}; use fewer --shards, or no head.", CliException.BadUsage);
            }
        }
    }

    private static ModelConfiguration Read(string path)
    {
        using ModelFile file = CliModels.Open(path);
        return ModelConfigurationReader.Read(file);
    }
}
