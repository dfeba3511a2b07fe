using Microsoft.Extensions.Options;

namespace Winnow.GpuWorker.Tests;

/// <summary>Every wrong option of a worker is reported, all at once.</summary>
public sealed class WorkerOptionsValidatorTests
{
    [Fact]
    public void Validate_Defaults_Succeeds() => Assert.True(new WorkerOptionsValidator().Validate(null, new WorkerOptions()).Succeeded);

    [Fact]
    public void Validate_ManyFailures_ReportsAll()
    {
        WorkerOptions options = new()
        {
            Listen = "here",
            HttpListen = "http://0.0.0.0:1",
            AdvertisedAddress = "there",
            SiloAddresses = ["somewhere"],
            Role = "king",
            KvType = "q2",
            HiddenType = "f64",
            Threads = -1,
            MemoryBytes = -1,
            DeviceQueue = 0,
            ResultBuffer = 0,
            ConnectSeconds = 0,
            SiloRetrySeconds = 0,
        };

        ValidateOptionsResult result = new WorkerOptionsValidator().Validate(null, options);

        Assert.Equal(13, result.Failures!.Count());
        Assert.All(result.Failures!, failure => Assert.Matches(@"^Worker:\w+(:0)? '.*' .*\.$", failure));
    }
}
