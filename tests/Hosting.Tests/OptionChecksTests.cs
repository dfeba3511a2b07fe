using Microsoft.Extensions.Options;

namespace Winnow.Hosting.Tests;

/// <summary>Every failure of an options class is reported, each with option, value and rule.</summary>
public sealed class OptionChecksTests
{
    [Fact]
    public void ToResult_SeveralFailures_ReportsAll()
    {
        OptionChecks sut = new("Worker");
        sut.InRange("Threads", 2000, 0, 1024);
        sut.OneOf("Role", "king", "target", "draft", "both");

        ValidateOptionsResult result = sut.ToResult();

        Assert.Equal(
            ["Worker:Threads '2000' is out of range; allowed are 0 to 1024.", "Worker:Role 'king' is not known; allowed are target, draft, both."],
            result.Failures);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", null, false, true)]
    [InlineData("http://0.0.0.0:0", null, false, false)]
    [InlineData("http://0.0.0.0:0", "secret", false, true)]
    [InlineData("http://0.0.0.0:0", null, true, true)]
    [InlineData("nonsense", "secret", true, false)]
    public void Listen_Address_IsGuardedOrRefused(string address, string? token, bool insecure, bool valid)
    {
        OptionChecks sut = new("Worker");

        sut.Listen("Listen", address, token, insecure, "Worker:ClusterToken");

        Assert.Equal(valid, sut.ToResult().Succeeded);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", false, true)]
    [InlineData("http://0.0.0.0:0", false, false)]
    [InlineData("http://0.0.0.0:0", true, true)]
    [InlineData("https://0.0.0.0:0", false, true)]
    [InlineData("nonsense", true, false)]
    public void ListenGrpc_Address_IsEncryptedOrLocalOrRefused(string address, bool insecure, bool valid)
    {
        OptionChecks sut = new("Worker");

        sut.ListenGrpc("Listen", address, insecure);

        Assert.Equal(valid, sut.ToResult().Succeeded);
    }
}
