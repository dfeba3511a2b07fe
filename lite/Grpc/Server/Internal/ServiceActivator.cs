using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Makes a service for one call: from the container when it is registered there, otherwise anew, to be disposed after the call.</summary>
internal sealed class ServiceActivator<TService>
    where TService : class
{
    private readonly Lazy<ObjectFactory<TService>> _factory = new(() => ActivatorUtilities.CreateFactory<TService>([]));

    /// <summary>Makes a service.</summary>
    /// <param name="services">The services of the request.</param>
    /// <param name="owned">Whether the caller disposes it.</param>
    public TService Create(IServiceProvider services, out bool owned)
    {
        TService? registered = services.GetService<TService>();
        owned = registered is null;
        return registered ?? _factory.Value(services, []);
    }

    /// <summary>Disposes a service that <see cref="Create" /> made anew.</summary>
    public static async ValueTask ReleaseAsync(TService service)
    {
        if (service is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync().ConfigureAwait(false);
        }
        else if (service is IDisposable disposable)
        {
            disposable.Dispose();
        }
    }
}
