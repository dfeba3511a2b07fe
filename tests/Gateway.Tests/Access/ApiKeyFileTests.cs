using System.Text;
using Winnow.Gateway.Access;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Access;

/// <summary>Key files: what is written is read again, and what is wrong is refused by name, without a hash in the message.</summary>
public sealed class ApiKeyFileTests : IDisposable
{
    private static readonly string Hash = ApiKey.HashOf("secret");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_WhatWasWritten_IsEqual()
    {
        string path = _folder.File("keys.json");
        var key = new ApiKey
        {
            Name = "alice",
            Sha256 = Hash,
            Scopes = [ApiScope.Inference, ApiScope.Admin],
            Created = DateTimeOffset.UnixEpoch,
            Limits = new ApiKeyLimits { MaxConcurrent = 2, RequestsPerMinute = 3, TokensPerMinute = 4, MinPriority = -5 },
        };

        ApiKeyFile.Write(path, [key]);
        ApiKey read = Assert.Single(ApiKeyFile.Read(path));

        Assert.Equal((key.Name, key.Sha256, key.Created, key.Limits), (read.Name, read.Sha256, read.Created, read.Limits));
        Assert.Equal(key.Scopes, read.Scopes);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.Single(Directory.EnumerateFiles(_folder.Root));
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("[]", "is not one")]
    [InlineData("{}", "is not one")]
    [InlineData("""{"keys":null}""", "without a list")]
    [InlineData("""{"keys":[{"name":"a b","sha256":"HASH","scopes":["inference"]}]}""", "'a b'")]
    [InlineData("""{"keys":[{"name":"a","sha256":"12","scopes":["inference"]}]}""", "64 hex digits")]
    [InlineData("""{"keys":[{"name":"a","sha256":"HASH","scopes":[]}]}""", "no scope")]
    [InlineData("""{"keys":[{"name":"a","sha256":"HASH","scopes":["root"]}]}""", "$.keys[0].scopes")]
    [InlineData("""{"keys":[{"name":"a","sha256":"HASH","scopes":[3]}]}""", "no scope")]
    [InlineData("""{"keys":[{"name":"a","sha256":"HASH","scopes":["inference"],"limits":{"max_concurrent":-1}}]}""", "below 0")]
    [InlineData("""{"keys":[{"name":"a","sha256":"HASH","scopes":["inference"],"secret":"x"}]}""", "is not one")]
    [InlineData("""{"keys":[{"name":"a","sha256":"HASH","scopes":["inference"]},{"name":"a","sha256":"HASH","scopes":["admin"]}]}""", "two keys named 'a'")]
    public void Read_BadFile_IsRefusedWithoutItsHash(string json, string mention)
    {
        string path = _folder.Write("keys.json", Encoding.UTF8.GetBytes(json.Replace("HASH", Hash, StringComparison.Ordinal)));

        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => ApiKeyFile.Read(path));

        Assert.Contains(mention, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Hash, refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_HugeFile_IsRefusedUnread()
    {
        string path = _folder.Write("keys.json", new byte[2 << 20]);

        Assert.Contains("'2097152' bytes", Assert.Throws<InvalidDataException>(() => ApiKeyFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DrawSecret_Twice_GivesDifferentOnesOf256Bits()
    {
        string one = ApiKey.DrawSecret();

        Assert.Matches("^winnow-[A-Za-z0-9_-]{43}$", one);
        Assert.NotEqual(one, ApiKey.DrawSecret());
    }
}
