using System.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Takes the methods of a service from the generated <c>BindService</c> and maps each to its path.</summary>
/// <typeparam name="TService">The service.</typeparam>
internal sealed class ServiceMethodBinder<TService>(IEndpointRouteBuilder routes) : ServiceBinderBase
    where TService : class
{
    private readonly List<IEndpointConventionBuilder> _endpoints = [];
    private readonly HashSet<string> _serviceNames = new(StringComparer.Ordinal);
    private readonly ServiceActivator<TService> _activator = new();
    private readonly GrpcServiceOptions _options =
        routes.ServiceProvider.GetRequiredService<IOptions<GrpcServiceOptions>>().Value;
    private readonly ILogger _logger =
        routes.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("Grpc.AspNetCore.Server.ServerCallHandler");

    /// <summary>The names of the services whose methods were bound.</summary>
    public IReadOnlyCollection<string> ServiceNames => _serviceNames;

    /// <summary>Binds all methods.</summary>
    /// <exception cref="InvalidOperationException">The type does not derive from a generated service base.</exception>
    public IReadOnlyList<IEndpointConventionBuilder> Bind()
    {
        BindServiceMethodAttribute attribute = typeof(TService).GetCustomAttribute<BindServiceMethodAttribute>(inherit: true)
            ?? throw new InvalidOperationException(
                $"Type '{typeof(TService)}' does not derive from a generated gRPC service base; map a class that does.");
        MethodInfo bind = attribute.BindType
            .GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .FirstOrDefault(method => method.Name == attribute.BindMethodName && TakesBinder(method))
            ?? throw new InvalidOperationException(
                $"Type '{attribute.BindType}' has no static method '{attribute.BindMethodName}' that takes a 'ServiceBinderBase'.");
        bind.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [this, null], null);
        return _endpoints;
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var invoke = Open<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>(method, out MethodInfo target);
        Map(method, target, new UnaryCallHandler<TService, TRequest, TResponse>(method, Services(), invoke));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var invoke = Open<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>(method, out MethodInfo target);
        Map(method, target, new ClientStreamingCallHandler<TService, TRequest, TResponse>(method, Services(), invoke));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var invoke = Open<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(method, out MethodInfo target);
        Map(method, target, new ServerStreamingCallHandler<TService, TRequest, TResponse>(method, Services(), invoke));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var invoke = Open<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(method, out MethodInfo target);
        Map(method, target, new DuplexStreamingCallHandler<TService, TRequest, TResponse>(method, Services(), invoke));
    }

    private static bool TakesBinder(MethodInfo method)
    {
        ParameterInfo[] parameters = method.GetParameters();
        return parameters.Length == 2 && parameters[0].ParameterType == typeof(ServiceBinderBase);
    }

    /// <summary>The service's method as a delegate that takes the instance first.</summary>
    private static TDelegate Open<TDelegate>(IMethod method, out MethodInfo target)
        where TDelegate : Delegate
    {
        Type[] signature = typeof(TDelegate).GetGenericArguments();
        target = typeof(TService).GetMethod(method.Name, BindingFlags.Public | BindingFlags.Instance, signature[1..^1])
            ?? throw new InvalidOperationException($"Type '{typeof(TService)}' has no method for '{method.FullName}'.");
        return target.CreateDelegate<TDelegate>();
    }

    private CallServices<TService> Services() => new(_activator, _options, _logger);

    /// <summary>Attributes of the class and of the method, such as those of authorisation, hold for the endpoint.</summary>
    private void Map(IMethod method, MethodInfo target, IServerCallHandler handler)
    {
        _serviceNames.Add(method.ServiceName);
        _endpoints.Add(routes.MapPost(method.FullName, handler.HandleAsync)
            .WithDisplayName($"gRPC - {method.FullName}")
            .WithMetadata(typeof(TService).GetCustomAttributes(inherit: true))
            .WithMetadata(target.GetCustomAttributes(inherit: true)));
    }
}
