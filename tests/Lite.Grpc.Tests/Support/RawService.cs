using Grpc.Core;

namespace Winnow.Lite.Grpc.Tests.Support;

/// <summary>Answers each request with itself.</summary>
public sealed class RawService : RawBinding.RawBase
{
    public override Task<byte[]> Unary(byte[] request, ServerCallContext context) => Task.FromResult(request);
}
