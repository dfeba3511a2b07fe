using Grpc.Core;
using Grpc.Protocol;

namespace Winnow.Lite.Grpc.Tests;

public sealed class MessagePrefixTests
{
    [Fact]
    public void Write_Length_IsBigEndianAfterTheFlag()
    {
        byte[] prefix = new byte[5];

        MessagePrefix.Write(prefix, 0x01020304);

        Assert.Equal([0, 1, 2, 3, 4], prefix);
        Assert.Equal(0x01020304, MessagePrefix.Read(prefix, null, null));
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0, 11 }, 10, null, StatusCode.ResourceExhausted)]
    [InlineData(new byte[] { 0, 255, 255, 255, 255 }, null, null, StatusCode.ResourceExhausted)]
    [InlineData(new byte[] { 1, 0, 0, 0, 1 }, 10, "gzip", StatusCode.Unimplemented)]
    [InlineData(new byte[] { 1, 0, 0, 0, 1 }, 10, "identity", StatusCode.Internal)]
    [InlineData(new byte[] { 1, 0, 0, 0, 1 }, 10, null, StatusCode.Internal)]
    [InlineData(new byte[] { 2, 0, 0, 0, 1 }, 10, "gzip", StatusCode.Internal)]
    public void Read_NotAcceptable_SaysWhy(byte[] prefix, int? maxSize, string? encoding, StatusCode expected)
    {
        RpcException error = Assert.Throws<RpcException>(() => MessagePrefix.Read(prefix, maxSize, encoding));

        Assert.Equal(expected, error.StatusCode);
    }

    [Fact]
    public void Read_ExactlyTheLimit_IsAccepted() => Assert.Equal(10, MessagePrefix.Read([0, 0, 0, 0, 10], 10, null));
}
