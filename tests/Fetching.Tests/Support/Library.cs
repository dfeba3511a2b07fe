using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Winnow.Hosting;
using Winnow.Tests.Common;

namespace Winnow.Fetching.Tests.Support;

/// <summary>Libraries with a cache of a test's own.</summary>
internal static class Library
{
    public static ModelsOptions Options(TemporaryFolder folder) => new()
    {
        CacheDirectory = folder.File("cache"),
        RetryDelay = TimeSpan.FromMilliseconds(1),
        MaxRetryDelay = TimeSpan.FromMilliseconds(5),
        BreakDuration = TimeSpan.FromMilliseconds(500),
    };

    public static ModelLibrary Open(TemporaryFolder folder, Action<ModelsOptions>? change = null, string? token = null)
    {
        ModelsOptions options = Options(folder);
        change?.Invoke(options);
        return new ModelLibrary(Microsoft.Extensions.Options.Options.Create(options), new ClusterToken(token), TimeProvider.System, NullLogger<ModelLibrary>.Instance);
    }
}
