using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>What the calls of a service have in common.</summary>
internal sealed record CallServices<TService>(ServiceActivator<TService> Activator, GrpcServiceOptions Options, ILogger Logger)
    where TService : class;
