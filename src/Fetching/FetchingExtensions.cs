using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Winnow.Hosting;

namespace Winnow.Fetching;

/// <summary>Puts fetched models into a process.</summary>
public static class FetchingExtensions
{
    /// <summary>Registers <see cref="ModelLibrary"/> and its options. The container must also have a <see cref="ClusterToken"/>.</summary>
    public static void AddModelLibrary(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<ModelsOptions, ModelsOptionsValidator>(ModelsOptions.Section);
        builder.Services.AddSingleton<ModelLibrary>();
    }
}
