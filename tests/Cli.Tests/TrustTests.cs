using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Winnow.Cli.Tests.Support;
using Winnow.Hosting.Tls;
using Winnow.Tests.Common;

namespace Winnow.Cli.Tests;

/// <summary>Certificates and keys made by the tool, in clusters of processes: who is let in, and that nothing secret is told.</summary>
[Collection(ClusterCollectionDefinition.Name)]
public sealed partial class TrustTests(Models models) : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    private string Certificates => _temporary.File("certificates");

    private string KeyFile => _temporary.File("keys.json");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Up_WithTlsAndKeys_ServesKeysOnlyAndNoSecretIsLogged()
    {
        Assert.Equal(0, (await Tool.RunAsync("certs", "--out", Certificates)).ExitCode);
        string alice = (await Tool.RunAsync("keys", "add", "alice", "--file", KeyFile)).Text().Trim();
        await using var sut = RunningTool.Start(
            _temporary.Root, "up", "--model", models.Tiny, "--shards", "2", "--threads", "1", "--verbose", "--tls", Certificates, "--keys", KeyFile);
        Uri url = await sut.ServingAsync();

        HttpStatusCode nobody = await CompleteAsync(url, null);
        HttpStatusCode first = await CompleteAsync(url, alice);
        string bob = (await Tool.RunAsync("keys", "add", "bob", "--file", KeyFile)).Text().Trim();
        HttpStatusCode added = await CompleteAsync(url, bob);
        await Tool.RunAsync("keys", "revoke", "alice", "--file", KeyFile);
        HttpStatusCode revoked = await CompleteAsync(url, alice);
        string metrics = await MetricsAsync(url);
        sut.Interrupt();
        await sut.EndedAsync();

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized], [nobody, first, added, revoked]);
        Assert.Contains("was read again", sut.Errors, StringComparison.Ordinal);
        string told = sut.Errors + metrics;
        string key = await File.ReadAllTextAsync(DevelopmentCertificates.FilesOf(Certificates, "worker").Key);
        Assert.All([alice, bob, .. Regex.Matches(await File.ReadAllTextAsync(KeyFile), "[0-9a-f]{64}").Select(match => match.Value), key.Split('\n')[1]],
            secret => Assert.DoesNotContain(secret, told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Up_WithTls_RefusesStrangersAndTakesNewCertificates()
    {
        Assert.Equal(0, (await Tool.RunAsync("certs", "--out", Certificates)).ExitCode);
        await using var sut = RunningTool.Start(_temporary.Root, "up", "--model", models.Tiny, "--shards", "1", "--threads", "1", "--verbose", "--tls", Certificates);
        Uri url = await sut.ServingAsync();
        string[] workers = [.. Address().Matches(sut.Errors).Select(match => match.Value).Distinct()];

        string? before = await SerialAsync(workers[0], Certificates);
        string? stranger = await SerialAsync(workers[0], null);
        Assert.Equal(0, (await Tool.RunAsync("certs", "--out", Certificates, "--force")).ExitCode);
        string? after = await SerialAsync(workers[0], Certificates);

        Assert.NotNull(before);
        Assert.Null(stranger);
        Assert.NotNull(after);
        Assert.NotEqual(before, after);
        Assert.Equal(HttpStatusCode.OK, await CompleteAsync(url, null));
    }

    [Fact]
    public async Task Certs_FilesThere_AreOneLineAndExitCodeOne()
    {
        await Tool.RunAsync("certs", "--out", Certificates, "--hosts", "gpu-1,10.0.0.7", "--days", "2");

        ToolResult again = await Tool.RunAsync("certs", "--out", Certificates);
        ToolResult bad = await Tool.RunAsync("certs", "--out", Certificates, "--force", "--hosts", "a b");

        TlsOptions files = DevelopmentCertificates.FilesOf(Certificates, "gateway");
        X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(files.Certificate);
        Assert.True(certificate.MatchesHostname("gpu-1") && certificate.MatchesHostname("10.0.0.7") && certificate.MatchesHostname(files.PeerName));
        Assert.InRange(certificate.NotAfter.ToUniversalTime() - TimeProvider.System.GetUtcNow().UtcDateTime, TimeSpan.FromDays(1), TimeSpan.FromDays(2));
        Assert.Equal((1, 2), (again.ExitCode, bad.ExitCode));
        Assert.Contains("--force", Assert.Single(again.Errors.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Contains("'a b'", Assert.Single(bad.Errors.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_AddListRevoke_DoWhatTheySay()
    {
        ToolResult added = await Tool.RunAsync("keys", "add", "alice", "--file", KeyFile, "--admin", "--tokens-per-minute", "1000");
        ToolResult twice = await Tool.RunAsync("keys", "add", "alice", "--file", KeyFile);
        ToolResult odd = await Tool.RunAsync("keys", "add", "al ice", "--file", KeyFile);
        ToolResult listed = await Tool.RunAsync("keys", "list", "--file", KeyFile);
        ToolResult unknown = await Tool.RunAsync("keys", "revoke", "bob", "--file", KeyFile);
        ToolResult revoked = await Tool.RunAsync("keys", "revoke", "alice", "--file", KeyFile);
        ToolResult none = await Tool.RunAsync("keys", "list", "--file", KeyFile);

        Assert.Matches(@"^winnow-\S{43}\n$", added.Text());
        Assert.Equal((1, 2, 1, 0), (twice.ExitCode, odd.ExitCode, unknown.ExitCode, revoked.ExitCode));
        Assert.Matches(@"^alice  inference,admin  \d{4}-\d\d-\d\d  tokens-per-minute 1000\n$", listed.Text());
        Assert.Equal("", none.Text());
    }

    private async Task<HttpStatusCode> CompleteAsync(Uri url, string? key)
    {
        using var client = new HttpClient { BaseAddress = url, Timeout = Tool.Limit };
        client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await client.PostAsJsonAsync("v1/completions", new { model = Path.GetFileNameWithoutExtension(models.Tiny), prompt = "Tom", max_tokens = 2 });
        return response.StatusCode;
    }

    private static async Task<string> MetricsAsync(Uri url)
    {
        using var client = new HttpClient { BaseAddress = url, Timeout = Tool.Limit };
        return await client.GetStringAsync("metrics");
    }

    // Serial number of the certificate that a worker shows, or null when it refuses.
    private static async Task<string?> SerialAsync(string address, string? certificates)
    {
        string? serial = null;
        using var handler = new SocketsHttpHandler();
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                serial = certificate!.GetSerialNumberString();
                return true;
            },
        };
        if (certificates is not null)
        {
            TlsOptions files = DevelopmentCertificates.FilesOf(certificates, "gateway");
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(files.Certificate, files.Key)];
        }
        using var client = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        try
        {
            using HttpResponseMessage response = await client.GetAsync(address);
            return serial;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"https://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
