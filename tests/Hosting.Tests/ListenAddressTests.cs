namespace Winnow.Hosting.Tests;

/// <summary>Which listen addresses are understood and which of them other machines can reach.</summary>
public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:0", true, 0)]
    [InlineData("http://localhost:5000/", true, 5000)]
    [InlineData("http://[::1]:80", true, 80)]
    [InlineData("http://0.0.0.0:80", false, 80)]
    [InlineData("http://*:65535", false, 65535)]
    public void TryParse_Valid_GivesLoopbackAndPort(string text, bool loopback, int port)
    {
        Assert.True(ListenAddress.TryParse(text, out ListenAddress? address));
        Assert.Equal((loopback, port), (address.IsLoopback, address.Port));
    }

    [Theory]
    [InlineData("http://127.0.0.1:80", false)]
    [InlineData("https://127.0.0.1:80", true)]
    [InlineData("HTTPS://[::1]:80", true)]
    public void TryParse_Scheme_SaysWhetherItIsEncrypted(string text, bool encrypted)
    {
        Assert.True(ListenAddress.TryParse(text, out ListenAddress? address));
        Assert.Equal((encrypted, text.ToLowerInvariant()), (address.IsEncrypted, address.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("127.0.0.1:80")]
    [InlineData("ftp://127.0.0.1:80")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.1:65536")]
    [InlineData("http://127.0.0.1:-1")]
    [InlineData("http://::1:80")]
    [InlineData("http://example.org:80")]
    public void TryParse_Invalid_IsFalse(string? text) => Assert.False(ListenAddress.TryParse(text, out _));
}
