using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Tests.Support;
using Winnow.Inference.Cache;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Planning;
using Winnow.Tests.Common;

namespace Winnow.GpuWorker.Tests.Loading;

/// <summary>A worker on the emulated device: what it tells of itself, and what it warns of when it loads.</summary>
public sealed class DeviceLoadTests : IDisposable
{
    private const int Layers = 2;
    private const int RoundedId = 2304;
    private const int AttentionId = 2305;
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task GetInfo_ADevice_HasItsCopyBandwidth()
    {
        await using TestWorker worker = await TestWorker.StartAsync("--device=ilgpu-cpu");

        WorkerInfo info = await worker.Client.GetInfoAsync(new GetInfoRequest());

        Assert.True(info.CopyBytesPerSecond > 1e6);
        Assert.Equal("ilgpu", info.Backend);
    }

    [Theory]
    [InlineData(GgmlType.Q5_1, 16)]
    [InlineData(GgmlType.Q8_0, 0)]
    public async Task Load_TypesThatNoFormHoldsExactly_AreWarnedOfOnce(GgmlType type, int tensors)
    {
        RecordingLoggers logs = new();
        string model = new TinyLlama { Layers = Layers, WeightType = type, ModelSize = 96, Heads = 6, KvHeads = 2, FeedForwardSize = 96 }.Write(_folder);
        await using TestWorker worker = await TestWorker.StartAsync(services => services.AddSingleton<ILoggerProvider>(logs), null, "--device=ilgpu-cpu");

        Contracts.V1.LoadProgress ready = await worker.LoadAsync(Requests.Load(model, Layers));

        Assert.Equal("ready", ready.Phase);
        string[] warnings = [.. logs.Entries.Where(entry => entry.Id == RoundedId).Select(entry => entry.Text)];
        Assert.Contains(logs.Entries, entry => entry.Id == AttentionId && entry.Text.EndsWith("portable kernels, heads of 16 elements in f16.", StringComparison.Ordinal));
        Assert.Equal(tensors > 0 ? 1 : 0, warnings.Length);
        Assert.All(warnings, text => Assert.StartsWith($"{tensors} matrices of {Requests.Replica} ({type}: {tensors}) are rounded to F16", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ilgpu-cpu", 1)]
    [InlineData("ilgpu-cpu+ilgpu-cpu", 2)]
    public async Task Load_OnDevicesThatShareLayers_ReservesWhatThePlanCounts(string device, int devices)
    {
        string model = new TinyLlama { Layers = Layers, ModelSize = 128, Heads = 4, KvHeads = 2, FeedForwardSize = 128 }.Write(_folder);
        using ModelFile file = ModelFile.Open(model);
        ModelFootprint footprint = ModelFootprint.Read(file);
        MemoryNeeds needs = MemoryNeeds.Of(footprint, null, contextTokens: 128, blockTokens: 16, KvType.F16, devices: devices);
        await using TestWorker worker = await TestWorker.StartAsync($"--device={device}");

        await worker.LoadAsync(Requests.Load(model, Layers));

        // The request has blocks for two sequences of 128 tokens, and 32 scratch rows.
        WorkerInfo info = await worker.Client.GetInfoAsync(new GetInfoRequest());
        Assert.Equal(needs.TotalBytes(2, hasDraft: false, 32), (Int128)info.MemoryUsedBytes);
        Assert.Equal(devices, info.Devices);
        Assert.Equal(footprint.WeightBytes(0, Layers) + ((devices - 1) * footprint.ReplicatedBytes(0, Layers)), needs.WeightBytes);
    }

    public void Dispose() => _folder.Dispose();
}
