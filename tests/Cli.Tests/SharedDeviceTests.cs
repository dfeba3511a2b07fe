using System.Text.Json;
using Winnow.Cli.Tests.Support;

namespace Winnow.Cli.Tests;

/// <summary>Devices that share every layer of a worker, on the device kernels that run on the processor.</summary>
[Collection(ClusterCollectionDefinition.Name)]
public sealed class SharedDeviceTests
{
    private static readonly string[] Flags =
        ["tokens", "--model", Models.Target, "--prompt", "Tom has 3 bags", "--max", "5", "--seed", "3", "--threads", "1", "--json", "--device"];

    [Fact]
    public async Task Tokens_SharedByDevicesAndByWorkers_AreThoseOfOneDevice()
    {
        JsonElement one = (await Tool.RunAsync([.. Flags, "ilgpu-cpu"])).Json();
        JsonElement four = (await Tool.RunAsync([.. Flags, "ilgpu-cpu+ilgpu-cpu+ilgpu-cpu+ilgpu-cpu"])).Json();
        JsonElement cluster = (await Tool.RunAsync([.. Flags, "ilgpu-cpu+ilgpu-cpu", "--shards", "2"])).Json();

        Assert.Equal(5, one.Integers("ids").Length);
        Assert.Equal(one.Integers("ids"), four.Integers("ids"));
        Assert.Equal(one.Integers("ids"), cluster.Integers("ids"));
        Assert.NotEqual(one.GetProperty("stats").GetProperty("mode").GetString(), cluster.GetProperty("stats").GetProperty("mode").GetString());
    }

    [Fact]
    public async Task Devices_NamedTogether_AreOneLineWithTheirName()
    {
        JsonElement line = (await Tool.RunAsync("devices", "--device", "ilgpu-cpu+ilgpu-cpu", "--json")).Json().GetProperty("devices").EnumerateArray().Single();

        Assert.Equal(("ilgpu-cpu+ilgpu-cpu", "portable"), (line.GetProperty("device").GetString(), line.GetProperty("kernels").GetString()));
        Assert.StartsWith("2 x ", line.GetProperty("model").GetString(), StringComparison.Ordinal);
        Assert.True(line.GetProperty("gb_per_second").GetDouble() > 0);
    }

    [Fact]
    public async Task Devices_NotThere_AreRefusedWithWhatIs() =>
        (await Tool.RunAsync("devices", "--device", "cuda:62+cuda:63")).AssertFailed("'cuda:62' is not there", "'cpu'");

    [Fact]
    public async Task Tokens_ThreeDevices_AreBadUsage()
        => (await Tool.RunAsync([.. Flags, "cuda:0+cuda:1+cuda:2"])).AssertBadUsage("'cuda:0+cuda:1+cuda:2'", "two or four");
}
