using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Winnow.Fetching;
using Winnow.Hosting;
using Winnow.Inference.Files;

namespace Winnow.Cli.Engine;

/// <summary>Opens models for commands, by path or URL. Options of section <c>Models</c> come from the environment, which the processes of a cluster inherit.</summary>
internal static class CliModels
{
    private const string TokenKey = "Replica:ClusterToken";
    private static readonly Lazy<ModelLibrary> Library = new(Create);

    /// <summary>Opens a model and reads its headers.</summary>
    /// <exception cref="ModelFileException">The file cannot be used.</exception>
    /// <exception cref="ModelFetchException">It cannot be fetched.</exception>
    public static ModelFile Open(string path) => ModelLocation.IsRemote(path) ? Library.Value.Open(path) : ModelFile.Open(path);

    private static ModelLibrary Create()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddEnvironmentVariables(WinnowProcess.EnvironmentPrefix).Build();
        ModelsOptions options = new();
        configuration.GetSection(ModelsOptions.Section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        ValidateOptionsResult valid = new ModelsOptionsValidator().Validate(null, options);
        return valid.Failed
            ? throw new CliException(string.Join(' ', valid.Failures), CliException.BadUsage)
            : new ModelLibrary(Options.Create(options), new ClusterToken(configuration[TokenKey]), TimeProvider.System, NullLogger<ModelLibrary>.Instance);
    }
}
