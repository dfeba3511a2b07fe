using Grpc.Core.Interceptors;

namespace Grpc.Core;

/// <summary>Asks for one authority in every call.</summary>
internal sealed class HostCallInvoker(CallInvoker inner, string host) : ForwardingCallInvoker(inner)
{
    protected override string MapHost(string? _) => host;
}
