using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Winnow.Gateway.Access;
using Winnow.Gateway.Tests.Api;
using Winnow.Hosting;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Access;

/// <summary>Who may ask for what, by keys of options and of files.</summary>
public sealed class ApiAccessTests : IDisposable
{
    private const string User = "user-secret";
    private const string Root = "root-secret";

    private readonly TemporaryFolder _folder = new();

    private string KeyFile => _folder.File("keys.json");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("/v1/models", null, 401)]
    [InlineData("/v1/models", User, 200)]
    [InlineData("/v1/models", Root, 200)]
    [InlineData("/v1/nothing", null, 401)]
    [InlineData("/admin/marked", null, 401)]
    [InlineData("/admin/marked", User, 403)]
    [InlineData("/admin/marked", Root, 200)]
    [InlineData("/ADMIN/forgotten", User, 403)]
    [InlineData("/admin/forgotten", Root, 200)]
    [InlineData("/elsewhere", User, 403)]
    [InlineData("/elsewhere", Root, 200)]
    [InlineData("/health/live", null, 200)]
    public async Task Request_WithKeysInOptions_IsLetInByScope(string path, string? key, int status)
    {
        await using ApiHost host = await StartAsync("--Gateway:ApiKeys:0", User, "--Gateway:AdminKeys:0", Root);

        Assert.Equal(status, (int)(await GetAsync(host, path, key)).Status);
    }

    [Fact]
    public async Task Request_WithHashInOptions_IsLetInByItsSecret()
    {
        await using ApiHost host = await StartAsync("--Gateway:ApiKeys:0", $"sha256:{ApiKey.HashOf(User)}");

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(host, "/v1/models", User)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(host, "/v1/models", ApiKey.HashOf(User))).Status);
    }

    [Fact]
    public async Task Request_OfAKeyWithoutScope_NamesTheKeyAndNotItsSecret()
    {
        await using ApiHost host = await StartAsync("--Gateway:ApiKeys:0", User);

        (_, JsonElement error) = await GetAsync(host, "/admin/marked", User);

        Assert.Equal("insufficient_scope", error.GetProperty("code").GetString());
        Assert.Contains("'api-key-0'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(User, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, 200)]
    [InlineData("localhost:8080", null, 200)]
    [InlineData("[::1]:8080", "http://localhost:3000", 200)]
    [InlineData("evil.example", null, 403)]
    [InlineData(null, "http://evil.example", 403)]
    [InlineData(null, "null", 403)]
    public async Task Admin_WithoutKeys_AnswersItsOwnMachineButNoWebPage(string? hostName, string? origin, int status)
    {
        await using ApiHost host = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/marked");
        request.Headers.Host = hostName;
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using HttpResponseMessage response = await host.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task KeyFile_Changed_CountsFromTheNextRequestOn()
    {
        Write(("alice", "first"));
        await using ApiHost host = await StartAsync("--keys", KeyFile);

        HttpStatusCode before = (await GetAsync(host, "/v1/models", "first")).Status;
        Write(("alice", "first"), ("bob", "second"));
        HttpStatusCode added = (await GetAsync(host, "/v1/models", "second")).Status;
        Write(("bob", "second"));
        HttpStatusCode revoked = (await GetAsync(host, "/v1/models", "first")).Status;

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized], [before, added, revoked]);
    }

    [Fact]
    public async Task KeyFile_BrokenLater_LeavesTheKeysAsTheyWere()
    {
        Write(("alice", "first"));
        await using ApiHost host = await StartAsync("--keys", KeyFile);

        await File.WriteAllTextAsync(KeyFile, "{");
        HttpStatusCode broken = (await GetAsync(host, "/v1/models", "first")).Status;
        File.Delete(KeyFile);
        HttpStatusCode gone = (await GetAsync(host, "/v1/models", "first")).Status;

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], [broken, gone]);
    }

    [Fact]
    public async Task KeyFile_WithoutKeys_LetsNobodyIn()
    {
        Write();
        await using ApiHost host = await StartAsync("--keys", KeyFile);

        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(host, "/v1/models", "first")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(host, "/admin/marked", null)).Status);
    }

    [Fact]
    public async Task KeyFile_Missing_IsNoStart()
    {
        StartupException refusal = await Assert.ThrowsAsync<StartupException>(() => StartAsync("--keys", KeyFile));

        Assert.Contains(KeyFile, refusal.Message, StringComparison.Ordinal);
    }

    private static Task<ApiHost> StartAsync(params string[] arguments) => ApiHost.StartAsync(
        new ScriptedGenerator("x"),
        app =>
        {
            app.MapGet("/admin/marked", () => "ok").RequireScope(ApiScope.Admin);
            app.MapGet("/admin/forgotten", () => "ok");
            app.MapGet("/elsewhere", () => "ok").RequireScope(ApiScope.Admin);
        },
        arguments);

    private static async Task<(HttpStatusCode Status, JsonElement Error)> GetAsync(ApiHost host, string path, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await host.Client.SendAsync(request);
        return (response.StatusCode, response.IsSuccessStatusCode ? default : JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error"));
    }

    private void Write(params (string Name, string Secret)[] keys) => ApiKeyFile.Write(
        KeyFile, [.. keys.Select(key => new ApiKey { Name = key.Name, Sha256 = ApiKey.HashOf(key.Secret), Scopes = [ApiScope.Inference] })]);
}
