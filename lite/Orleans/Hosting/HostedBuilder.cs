using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>The builder of either role; registered so that a second call to <c>UseOrleans</c> finds the first one's.</summary>
internal sealed record HostedBuilder(IServiceCollection Services, IConfiguration Configuration, bool IsSilo) : ISiloBuilder, IClientBuilder;
