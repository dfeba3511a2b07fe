using Grpc.Core;

namespace Winnow.Lite.Grpc.Tests.Support;

/// <summary>Methods whose messages are the bytes themselves.</summary>
public static class Raw
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);

    public static Method<byte[], byte[]> Method(MethodType type) => new(type, "tests.Raw", type.ToString(), Bytes, Bytes);

    /// <summary>A message with its prefix.</summary>
    public static byte[] Framed(params byte[] message) => [0, 0, 0, 0, (byte)message.Length, .. message];
}
