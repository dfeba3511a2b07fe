namespace Winnow.Fetching.Tests;

public sealed class ModelLocationTests
{
    private const string Sha = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF";
    private static readonly string[] Stores = ["http://gateway-0:8080", "http://gateway-1:8080/"];

    [Theory]
    [InlineData("http://host/a.gguf", true)]
    [InlineData("HTTPS://host/a.gguf", true)]
    [InlineData("gateway://a.gguf", true)]
    [InlineData("/models/a.gguf", false)]
    [InlineData("C:\\models\\a.gguf", false)]
    [InlineData("http:/a.gguf", false)]
    public void IsRemote_Path_TellsUrls(string path, bool expected) => Assert.Equal(expected, ModelLocation.IsRemote(path));

    [Fact]
    public void TryParse_MirrorsWithChecksum_HasAll()
    {
        ModelLocation sut = Parse($"https://one/x/a.gguf http://two:81/a.gguf#sha256={Sha}");

        Assert.Equal(["https://one/x/a.gguf", "http://two:81/a.gguf"], sut.Mirrors.Select(url => url.ToString()));
        Assert.Equal(("a.gguf", Sha.ToLowerInvariant(), false), (sut.FileName, sut.Sha256, sut.IsFolder));
    }

    [Fact]
    public void TryParse_StoreName_IsAtEveryGateway() => Assert.Equal(
        ["http://gateway-0:8080/models/files/sub/a.gguf", "http://gateway-1:8080/models/files/sub/a.gguf"], Parse("gateway://sub/a.gguf").Mirrors.Select(url => url.ToString()));

    [Fact]
    public void Parts_PartOfASplitSet_AreAllParts()
    {
        ModelLocation sut = Parse("http://host/m/a-00002-of-00003.gguf");

        Assert.Equal(["a-00001-of-00003.gguf", "a-00002-of-00003.gguf", "a-00003-of-00003.gguf"], sut.Parts());
        Assert.Equal("http://host/m/a-00003-of-00003.gguf", sut.UrlsOf("a-00003-of-00003.gguf")[0].ToString());
    }

    [Theory]
    [InlineData("https://hub/owner/repository/resolve/main/", "repository")]
    [InlineData("https://hub/owner/repository/resolve/main", "repository")]
    [InlineData("https://hub/owner/repository/resolve/main/a.gguf", "a.gguf")]
    [InlineData("http://host/folder/", "folder")]
    public void FileName_Url_IsTheModels(string url, string expected) => Assert.Equal(expected, Parse(url).FileName);

    [Fact]
    public void UrlsOf_Folder_AreInIt() =>
        Assert.Equal("https://hub/owner/repository/resolve/main/config.json", Parse("https://hub/owner/repository/resolve/main").UrlsOf("config.json")[0].ToString());

    [Fact]
    public void Display_Credentials_AreNotThere()
    {
        ModelLocation sut = Parse("https://me:secret@host/a.gguf?signature=secret");

        Assert.Equal("https://host/a.gguf?...", sut.Display);
        Assert.DoesNotContain("secret", sut.Key, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://host/")]
    [InlineData("http://host")]
    [InlineData("http://host/.hidden.gguf")]
    [InlineData("http://host/a%2Fb.gguf")]
    [InlineData("http://host/a%1Bb.gguf")]
    [InlineData("http://host/a.gguf%0A")]
    [InlineData("http://host/a.gguf ftp://host/a.gguf")]
    [InlineData("http://host/a.gguf http://host/b.gguf")]
    [InlineData("http://host/a.gguf#sha256=12")]
    [InlineData("http://host/a.gguf#part")]
    [InlineData("http://host/a-00001-of-00002.gguf#sha256=" + Sha)]
    [InlineData("http://host/folder/#sha256=" + Sha)]
    [InlineData("gateway://../secret.gguf")]
    [InlineData("gateway://a/../../secret.gguf")]
    [InlineData("gateway://%2e%2e/secret.gguf")]
    [InlineData("http://")]
    public void TryParse_NoLocation_SaysWhy(string text)
    {
        Assert.False(ModelLocation.TryParse(text, Stores, out _, out string? problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void TryParse_StoreWithoutAddresses_NamesTheOption()
    {
        Assert.False(ModelLocation.TryParse("gateway://a.gguf", [], out _, out string? problem));
        Assert.Contains("Models:StoreAddresses", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://host/a.gguf?x=1#sha256=" + Sha, "a")]
    [InlineData("gateway://b-Q8_0.gguf", "b-Q8_0")]
    [InlineData("/models/c.gguf", "c")]
    public void ModelName_Path_IsTheFilesName(string path, string expected) => Assert.Equal(expected, ModelLocation.ModelName(path));

    private static ModelLocation Parse(string text)
    {
        Assert.True(ModelLocation.TryParse(text, Stores, out ModelLocation? location, out string? problem), problem);
        return location;
    }
}
