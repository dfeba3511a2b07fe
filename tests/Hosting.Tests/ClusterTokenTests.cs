namespace Winnow.Hosting.Tests;

/// <summary>Who passes the cluster token.</summary>
public sealed class ClusterTokenTests
{
    [Theory]
    [InlineData("Bearer secret", true)]
    [InlineData("bearer secret", true)]
    [InlineData("Bearer secrets", false)]
    [InlineData("Bearer ", false)]
    [InlineData("Basic secret", false)]
    [InlineData("secret", false)]
    [InlineData(null, false)]
    public void Admits_WithTokenSet_OnlyTheToken(string? authorization, bool expected) =>
        Assert.Equal(expected, new ClusterToken("secret").Admits(authorization));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Admits_WithoutToken_Everyone(string? token) => Assert.True(new ClusterToken(token).Admits(null));
}
