using Grpc.Core;

namespace Winnow.Lite.Grpc.Tests.Support;

/// <summary>What generated code would make of a service over bytes.</summary>
public static class RawBinding
{
    public static void BindService(ServiceBinderBase binder, RawBase? service) => binder.AddMethod(
        Raw.Method(MethodType.Unary), service is null ? null : new UnaryServerMethod<byte[], byte[]>(service.Unary));

    [BindServiceMethod(typeof(RawBinding), "BindService")]
    public abstract class RawBase
    {
        public virtual Task<byte[]> Unary(byte[] request, ServerCallContext context) =>
            throw new RpcException(new Status(StatusCode.Unimplemented, ""));
    }
}
