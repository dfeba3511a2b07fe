using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Configures the outside client of this process.</summary>
public interface IClientBuilder
{
    /// <summary>The process's services.</summary>
    IServiceCollection Services { get; }

    /// <summary>The process's configuration.</summary>
    IConfiguration Configuration { get; }
}
