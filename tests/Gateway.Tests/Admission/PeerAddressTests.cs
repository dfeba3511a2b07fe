using System.Net;
using Winnow.Gateway.Admission;

namespace Winnow.Gateway.Tests.Admission;

public sealed class PeerAddressTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2:ffff::1", "2001:db8:1:2::")]
    [InlineData("fe80::1%3", "fe80::")]
    [InlineData("::1", "::")]
    public void Of_Address_IsWhatOneClientHas(string address, string expected) => Assert.Equal(IPAddress.Parse(expected), PeerAddress.Of(IPAddress.Parse(address)));
}
