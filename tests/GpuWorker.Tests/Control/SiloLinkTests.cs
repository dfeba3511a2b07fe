using System.Net;
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
    public async Task Register_SiloRefuses_TriesAgainAfterAWhile()
    {
        await using TestControl control = await TestControl.StartAsync();
        control.Script.FailuresBeforeSuccess = 2;
        await using TestWorker worker = await StartAsync(control);
        await control.Script.RegistrationAsync();

        await AdvanceUntilAsync(control.Script.RegistrationAsync());
        await AdvanceUntilAsync(control.Script.RegistrationAsync());

        Assert.Equal(1, (await control.Script.BeatAsync()).Incarnation);
    }

    [Fact]
    public async Task Beat_SiloDoesNotKnowTheWorker_RegistersAgain()
    {
        await using TestControl control = await TestControl.StartAsync();
        control.Script.RegisterAgain = true;
        Task wait = _time.TimerSetAsync(due => due >= TimeSpan.FromMilliseconds(50) && due <= TimeSpan.FromMilliseconds(150));
        await using TestWorker worker = await StartAsync(control);
        await control.Script.RegistrationAsync();
        await control.Script.BeatAsync();
        control.Script.RegisterAgain = false;
        await wait;

        _time.Advance(TimeSpan.FromMilliseconds(150));

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
        await using TestWorker worker = await StartAsync(control);
        using HttpClient client = new();
        await control.Script.RegistrationAsync();
        (HttpStatusCode Status, string Text) before;
        do
        {
            // The refusal is on its way to the worker.
            before = await ReadyAsync(client, worker);
        }
        while (before.Status == HttpStatusCode.ServiceUnavailable && !before.Text.Contains("not now", StringComparison.Ordinal));

        await AdvanceUntilAsync(control.Script.BeatAsync());

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (before.Status, (await ReadyAsync(client, worker)).Status));
    }

    private static async Task<(HttpStatusCode Status, string Text)> ReadyAsync(HttpClient client, TestWorker worker)
    {
        using HttpResponseMessage response = await client.GetAsync(worker.HttpAddress + "/health/ready");
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    // Delays between attempts are drawn by lot.
    private async Task AdvanceUntilAsync(Task happened)
    {
        while (!happened.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(happened, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
        }
        await happened;
    }

    private Task<TestWorker> StartAsync(TestControl control, params string[] args) => TestWorker.StartAsync(
        services => services.AddSingleton<TimeProvider>(_time), null, [$"--silo={control.Address}", .. args]);
}
