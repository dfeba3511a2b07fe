namespace Winnow.Hosting.Tests;

/// <summary>Names of sockets: the same for whoever takes a process's place, another for everyone else.</summary>
public sealed class SocketNameTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("winnow-socket-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("boot1\n", "net:[1]", "http://127.0.0.1:80", true)]
    [InlineData("boot2\n", "net:[1]", "http://127.0.0.1:80", false)]
    [InlineData("boot1\n", "net:[2]", "http://127.0.0.1:80", false)]
    [InlineData("boot1\n", "net:[1]", "http://127.0.0.1:81", false)]
    [InlineData("boot1\n", "net:[1]", "http://127.0.0.2:80", false)]
    public void Of_AnotherProcess_IsTheSameOnlyOnTheSameSocket(string boot, string network, string url, bool isSame)
    {
        string first = Name("boot1\n", "net:[1]", "http://127.0.0.1:80");

        Assert.Equal(isSame, Name(boot, network, url) == first);
    }

    [Fact]
    public void Of_SystemThatTellsNeitherBootNorNamespace_IsEmpty()
    {
        Assert.Equal("", SocketName.Of("http://127.0.0.1:80", Path.Combine(_folder.FullName, "boot"), Path.Combine(_folder.FullName, "net")));
    }

    private string Name(string boot, string network, string url)
    {
        string bootFile = Path.Combine(_folder.FullName, "boot");
        string link = Path.Combine(_folder.FullName, Guid.NewGuid().ToString("N"));
        File.WriteAllText(bootFile, boot);
        File.CreateSymbolicLink(link, network);
        return SocketName.Of(url, bootFile, link);
    }
}
