using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Winnow.Fetching;
using Winnow.Gateway.Api;
using Winnow.Hosting;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Serving;

public sealed class ModelStoreTests : IAsyncDisposable
{
    private const string Token = "secret";
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _bytes = new TinyLlama { ModelSize = 256, FeedForwardSize = 768 }.Build().ToBytes();
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    public ModelStoreTests()
    {
        Directory.CreateDirectory(_folder.File("store/sub"));
        _folder.Write("store/tiny.gguf", _bytes);
        _folder.Write("store/sub/small.gguf", [1, 2, 3]);
        _folder.Write("store/.hidden", [4]);
        _folder.Write("outside.gguf", [5]);
        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(GatewayRole.Definition, "--listen", "http://127.0.0.1:0", "--Gateway:ModelStore", _folder.File("store"));
        builder.Services.AddSingleton(new ClusterToken(Token));
        builder.AddApi();
        _app = builder.Build();
        _app.UseMiddleware<ErrorMiddleware>();
        _app.UseRouting();
        ModelStoreEndpoints.Map(_app);
        _app.StartAsync().GetAwaiter().GetResult();
        _client = new HttpClient { BaseAddress = new Uri(_app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Http)) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Get_Range_IsThatPartWithTagAndTotal()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "models/files/tiny.gguf");
        request.Headers.Range = new RangeHeaderValue(10, 19);

        using HttpResponseMessage response = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal($"bytes 10-19/{_bytes.Length}", response.Content.Headers.ContentRange!.ToString());
        Assert.NotNull(response.Headers.ETag);
        Assert.Equal(_bytes[10..20], await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Head_File_HasItsLengthAlone()
    {
        using HttpResponseMessage response = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "models/files/sub/small.gguf"));

        Assert.Equal((HttpStatusCode.OK, 3L), (response.StatusCode, response.Content.Headers.ContentLength));
    }

    [Theory]
    [InlineData("models/files/../outside.gguf")]
    [InlineData("models/files/%2e%2e/outside.gguf")]
    [InlineData("models/files/..%2foutside.gguf")]
    [InlineData("models/files/sub/%2e%2e/%2e%2e/outside.gguf")]
    [InlineData("models/files/sub%5c..%5c..%5coutside.gguf")]
    [InlineData("models/files//etc/passwd")]
    [InlineData("models/files/.hidden")]
    [InlineData("models/files/sub")]
    [InlineData("models/files/")]
    [InlineData("models/files/tiny.gguf%00")]
    [InlineData("models/checksums/%2e%2e/outside.gguf?first=0&count=1")]
    public async Task Get_NameThatIsNotInTheStore_IsNotFound(string path)
    {
        using HttpResponseMessage response = await _client.GetAsync(path);

        Assert.Contains(response.StatusCode, new[] { HttpStatusCode.NotFound, HttpStatusCode.BadRequest });
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task Get_WithoutTheClusterToken_IsRefused(string? token)
    {
        _client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);

        using HttpResponseMessage file = await _client.GetAsync("models/files/tiny.gguf");
        using HttpResponseMessage listing = await _client.GetAsync("models/checksums/tiny.gguf?first=0&count=1");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (file.StatusCode, listing.StatusCode));
    }

    [Fact]
    public async Task Checksums_OfChunks_AreTheirSha256()
    {
        using JsonDocument json = JsonDocument.Parse(await _client.GetStringAsync("models/checksums/tiny.gguf?first=1&count=2"));

        Assert.Equal(1 << 20, json.RootElement.GetProperty("chunk_bytes").GetInt32());
        Assert.Equal([Sha(1), Sha(2)], json.RootElement.GetProperty("sha256").EnumerateArray().Select(item => item.GetString()));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(0, 5000)]
    [InlineData(2147483647, 1)]
    public async Task Checksums_ChunksThatAreNotThere_AreRefused(int first, int count)
    {
        using HttpResponseMessage response = await _client.GetAsync($"models/checksums/tiny.gguf?first={first}&count={count}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public void Library_GatewayUrl_FetchesFromTheStore()
    {
        ModelsOptions options = new() { CacheDirectory = _folder.File("cache"), MaxRetries = 0, StoreAddresses = { _client.BaseAddress!.ToString() } };
        using ModelLibrary library = new(Options.Create(options), new ClusterToken(Token), TimeProvider.System, NullLogger<ModelLibrary>.Instance);
        using var local = ModelFile.Open(_folder.File("store/tiny.gguf"));

        using ModelFile sut = library.Open("gateway://tiny.gguf");

        Assert.Equal(local.ContentHash, sut.ContentHash);
    }

    private string Sha(int chunk) => Convert.ToHexStringLower(SHA256.HashData(_bytes.AsSpan(chunk << 20, Math.Min(1 << 20, _bytes.Length - (chunk << 20)))));
}
