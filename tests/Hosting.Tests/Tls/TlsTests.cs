using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Winnow.Hosting.Tls;
using Winnow.Tests.Common;

namespace Winnow.Hosting.Tests.Tls;

/// <summary>Both ends of a connection between processes are of the cluster, or there is no connection; files that change count from the next one on.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TlsTests() => Write("ours");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Connect_BothOfTheCluster_SpeaksHttp2AndTheServerKnowsTheClient()
    {
        await using TlsPeer server = await TlsPeer.StartAsync(Files("ours", "silo"));
        using HttpClient client = TlsPeer.Client(Files("ours", "worker"), server.Address);

        using HttpResponseMessage response = await client.GetAsync("/who");

        Assert.StartsWith("https://127.0.0.1:", server.Address, StringComparison.Ordinal);
        Assert.Equal(new Version(2, 0), response.Version);
        Assert.Equal(Serial("ours", "worker"), await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Connect_ClientWithoutCertificate_IsRefused()
    {
        await using TlsPeer server = await TlsPeer.StartAsync(Files("ours", "silo"));
        using HttpClient client = TlsPeer.Client(server.Address, Trusting());

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/who"));
    }

    [Fact]
    public async Task Connect_ClientOfAnotherAuthority_IsRefused()
    {
        Write("theirs");
        await using TlsPeer server = await TlsPeer.StartAsync(Files("ours", "silo"));
        TlsOptions files = Files("theirs", "worker");
        SocketsHttpHandler handler = Trusting();
        handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(files.Certificate, files.Key)];
        using HttpClient client = TlsPeer.Client(server.Address, handler);

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/who"));
    }

    [Fact]
    public async Task Connect_ServerOfAnotherAuthority_IsRefused()
    {
        Write("theirs");
        await using TlsPeer server = await TlsPeer.StartAsync(Files("theirs", "silo"));
        using HttpClient client = TlsPeer.Client(Files("ours", "worker"), server.Address);

        HttpRequestException refusal = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/who"));

        Assert.IsType<AuthenticationException>(refusal.InnerException);
    }

    [Theory]
    [InlineData("winnow.cluster", true)]
    [InlineData("west.example", false)]
    public async Task Connect_ServerOfATrustedAuthority_MustCarryTheClustersName(string name, bool accepted)
    {
        Write("ours", "west.example");
        Write("theirs");
        string both = _folder.File("both.pem");
        await File.WriteAllTextAsync(both, await File.ReadAllTextAsync(Files("ours", "silo").Authority) + "\n" + await File.ReadAllTextAsync(Files("theirs", "silo").Authority));
        TlsOptions theirs = Files("theirs", "silo");
        TlsOptions ours = Files("ours", "worker");
        (theirs.Authority, ours.Authority, ours.PeerName) = (both, both, name);
        await using TlsPeer server = await TlsPeer.StartAsync(theirs);
        using HttpClient client = TlsPeer.Client(ours, server.Address);

        Exception? refusal = await Record.ExceptionAsync(() => client.GetAsync("/who"));

        Assert.Equal(accepted ? null : typeof(AuthenticationException), refusal?.InnerException?.GetType());
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("otherhost", false)]
    public async Task Connect_WithoutClusterName_LooksForTheDialledHost(string host, bool accepted)
    {
        Write("ours", host);
        TlsOptions files = Files("ours", "silo");
        files.PeerName = "";
        await using TlsPeer server = await TlsPeer.StartAsync(files);
        using HttpClient client = TlsPeer.Client(files, server.Address);

        Exception? refusal = await Record.ExceptionAsync(() => client.GetAsync("/who"));

        Assert.Equal(accepted ? null : typeof(AuthenticationException), refusal?.InnerException?.GetType());
    }

    [Fact]
    public async Task Connect_FilesReplaced_NewConnectionsUseThemAndOpenOnesGoOn()
    {
        await using TlsPeer server = await TlsPeer.StartAsync(Files("ours", "silo"));
        TlsOptions worker = Files("ours", "worker");
        using HttpClient old = TlsPeer.Client(worker, server.Address);
        string before = await old.GetStringAsync("/who");

        Write("ours");
        string still = await old.GetStringAsync("/who");
        using HttpClient fresh = TlsPeer.Client(worker, server.Address);
        string after = await fresh.GetStringAsync("/who");

        Assert.Equal(before, still);
        Assert.NotEqual(before, after);
        Assert.Equal(Serial("ours", "worker"), after);
    }

    [Fact]
    public async Task Connect_FilesBrokenLater_GoesOnWithThoseReadBefore()
    {
        TlsOptions silo = Files("ours", "silo");
        await using TlsPeer server = await TlsPeer.StartAsync(silo);
        await File.WriteAllTextAsync(silo.Key, "no key");
        using HttpClient client = TlsPeer.Client(Files("ours", "worker"), server.Address);

        Assert.Equal(Serial("ours", "worker"), await client.GetStringAsync("/who"));
    }

    [Fact]
    public async Task HttpEndpoint_Encrypted_AsksForNoCertificate()
    {
        await using TlsPeer server = await TlsPeer.StartAsync(Files("ours", "silo"));
        using HttpClient client = TlsPeer.Client(server.HttpAddress, Trusting(), version: 1);

        Assert.Equal("nobody", await client.GetStringAsync("/who"));
    }

    [Theory]
    [InlineData("https://127.0.0.1:1", false, "no certificate")]
    [InlineData("http://192.0.2.1:1", true, "plain text")]
    public async Task Connect_AddressThatDoesNotFit_IsRefusedWithoutDialling(string address, bool configured, string mention)
    {
        using HttpClient client = TlsPeer.Client(configured ? Files("ours", "worker") : new TlsOptions(), address);

        HttpRequestException refusal = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/who"));

        Assert.Contains(mention, refusal.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ours", "silo", "theirs", "would be refused")]
    [InlineData("ours", "missing", "ours", "does not exist")]
    public async Task Start_FilesThatDoNotFit_AreToldInOneLine(string folder, string role, string authority, string mention)
    {
        Write("theirs");
        TlsOptions files = Files(folder, role);
        files.Authority = Files(authority, role).Authority;

        Exception refusal = await Assert.ThrowsAnyAsync<Exception>(() => TlsPeer.StartAsync(files));

        Assert.Contains(mention, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_CertificateWithoutTheClustersName_IsTold()
    {
        TlsOptions files = Files("ours", "silo");
        files.PeerName = "east.example";

        StartupException refusal = await Assert.ThrowsAsync<StartupException>(() => TlsPeer.StartAsync(files));

        Assert.Contains("'east.example'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_KeyOfAnother_IsToldByItsPath()
    {
        TlsOptions files = Files("ours", "silo");
        files.Key = Files("ours", "worker").Key;

        StartupException refusal = await Assert.ThrowsAsync<StartupException>(() => TlsPeer.StartAsync(files));

        Assert.Contains($"Tls:Key '{files.Key}' is not the private key", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_FilesThere_AreReplacedByForceOnly()
    {
        IOException refusal = Assert.Throws<IOException>(() => DevelopmentCertificates.Write(_folder.File("ours"), [], 1, TimeProvider.System.GetUtcNow(), overwrite: false));

        Assert.Contains("--force", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Files_AreReadableByTheirOwnerAlone()
    {
        string[] files = Directory.GetFiles(_folder.File("ours"));

        Assert.Equal(8, files.Length);
        Assert.All(files, file => Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite)));
    }

    private static SocketsHttpHandler Trusting() => new() { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = delegate { return true; } } };

    private void Write(string name, params string[] hosts) => DevelopmentCertificates.Write(_folder.File(name), hosts, 1, TimeProvider.System.GetUtcNow(), overwrite: true);

    private TlsOptions Files(string name, string role) => DevelopmentCertificates.FilesOf(_folder.File(name), role);

    private string Serial(string name, string role) => X509CertificateLoader.LoadCertificateFromFile(Files(name, role).Certificate).SerialNumber;
}
