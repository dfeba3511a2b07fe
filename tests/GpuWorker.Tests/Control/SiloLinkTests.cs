using Microsoft.Extensions.DependencyInjection;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Tests.Support;

namespace Winnow.GpuWorker.Tests.Control;

/// <summary>How a worker stays known to a silo, by a clock that the test moves.</summary>
public sealed class SiloLinkTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Register_AtStart_TellsWhatTheWorkerIs()
    {
        await using TestControl control = await TestControl.StartAsync();
        await using TestWorker worker = await StartAsync(control, "--id=w1", "--role=draft", "--memory=12345");

        WorkerInfo info = await control.Script.RegistrationAsync();

        Assert.Equal(
            ("w1", worker.Address, WorkerRole.Draft, 12345UL, Environment.ProcessId),
            (info.WorkerId, info.Address, info.Role, info.MemoryBytes, info.ProcessId));
    }

    [Fact]
    public async Task Beat_AtTheIntervalOfTheSilo_NotBefore()
    {
        await using TestControl control = await TestControl.StartAsync();
        Task timer = _time.TimerSetAsync(due => due == TimeSpan.FromSeconds(5));
        await using TestWorker worker = await StartAsync(control);
        Heartbeat first = await control.Script.BeatAsync();
        await timer;

        Task<Heartbeat> second = control.Script.BeatAsync();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        bool early = second.IsCompleted;
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal((1L, 1L, false), (first.Incarnation, (await second).Incarnation, early));
    }

    [Fact]
    public async Task Register_SiloRefuses_TriesAgainLaterAndLater()
    {
        await using TestControl control = await TestControl.StartAsync();
        control.Script.FailuresBeforeSuccess = 2;
        Task firstWait = _time.TimerSetAsync(due => due == TimeSpan.FromMilliseconds(100));
        Task secondWait = _time.TimerSetAsync(due => due == TimeSpan.FromMilliseconds(200));
        await using TestWorker worker = await StartAsync(control);

        await control.Script.RegistrationAsync();
        await firstWait;
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await control.Script.RegistrationAsync();
        await secondWait;
        _time.Advance(TimeSpan.FromMilliseconds(200));

        Assert.Equal(1, (await control.Script.BeatAsync()).Incarnation);
    }

    [Fact]
    public async Task Beat_SiloDoesNotKnowTheWorker_RegistersAgain()
    {
        await using TestControl control = await TestControl.StartAsync();
        control.Script.RegisterAgain = true;
        Task wait = _time.TimerSetAsync(due => due == TimeSpan.FromMilliseconds(100));
        await using TestWorker worker = await StartAsync(control);
        await control.Script.RegistrationAsync();
        await control.Script.BeatAsync();
        control.Script.RegisterAgain = false;
        await wait;

        _time.Advance(TimeSpan.FromMilliseconds(100));

        await control.Script.RegistrationAsync();
        Assert.Equal(2, (await control.Script.BeatAsync()).Incarnation);
    }

    [Fact]
    public async Task Stop_Worker_TellsTheSiloThatItDrains()
    {
        await using TestControl control = await TestControl.StartAsync();
        await using TestWorker worker = await StartAsync(control);
        Heartbeat first = await control.Script.BeatAsync();

        Task stop = worker.StopAsync();

        Heartbeat last = await control.Script.BeatAsync();
        await stop.WaitAsync(Patience.Limit);
        Assert.Equal((false, true), (first.Draining, last.Draining));
    }

    [Fact]
    public async Task HealthReady_UntilRegistered_IsNotAndSaysWhy()
    {
        await using TestControl control = await TestControl.StartAsync();
        control.Script.FailuresBeforeSuccess = 1;
        Task wait = _time.TimerSetAsync(due => due == TimeSpan.FromMilliseconds(100));
        await using TestWorker worker = await StartAsync(control);
        using HttpClient client = new();
        await wait;
        using HttpResponseMessage before = await client.GetAsync(worker.HttpAddress + "/health/ready");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await control.Script.BeatAsync();
        using HttpResponseMessage after = await client.GetAsync(worker.HttpAddress + "/health/ready");

        Assert.Equal((503, 200), ((int)before.StatusCode, (int)after.StatusCode));
        Assert.Contains("not now", await before.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private Task<TestWorker> StartAsync(TestControl control, params string[] args) => TestWorker.StartAsync(
        services => services.AddSingleton<TimeProvider>(_time), null, [$"--silo={control.Address}", .. args]);
}
