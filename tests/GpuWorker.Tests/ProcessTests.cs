using System.Diagnostics;
using System.Text.Json;
using Winnow.GpuWorker.Tests.Support;

namespace Winnow.GpuWorker.Tests;

/// <summary>The executable itself: its ready line, its one-line errors, and its ends.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task Sigterm_AfterReadyLine_DrainsAndExitsWithZero()
    {
        using Process worker = Start("--ready-json", "--threads=1");
        using JsonDocument ready = JsonDocument.Parse((await worker.StandardOutput.ReadLineAsync(Patience.Token))!);
        using HttpClient client = new();
        string health = await client.GetStringAsync(ready.RootElement.GetProperty("http").GetString() + "/health/ready");
        string metrics = await client.GetStringAsync(ready.RootElement.GetProperty("http").GetString() + "/metrics");

        using Process kill = Process.Start("kill", ["-TERM", $"{worker.Id}"]);
        await worker.WaitForExitAsync(Patience.Token);

        Assert.Equal(0, worker.ExitCode);
        Assert.Equal(("worker", worker.Id), (ready.RootElement.GetProperty("role").GetString(), ready.RootElement.GetProperty("pid").GetInt32()));
        Assert.Contains("ok", health, StringComparison.Ordinal);
        Assert.Contains(WorkerMetricNames.Steps, metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StdinClosed_WhenAskedTo_Exits()
    {
        using Process worker = Start("--ready-json", "--exit-on-stdin-close");
        await worker.StandardOutput.ReadLineAsync(Patience.Token);

        worker.StandardInput.Close();

        await worker.WaitForExitAsync(Patience.Token);
        Assert.Equal(0, worker.ExitCode);
    }

    [Fact]
    public async Task ParentKilled_WhenWatched_Exits()
    {
        using Process parent = Process.Start("sleep", "600");
        using Process worker = Start("--ready-json", $"--parent-pid={parent.Id}");
        await worker.StandardOutput.ReadLineAsync(Patience.Token);

        parent.Kill();

        await worker.WaitForExitAsync(Patience.Token);
        Assert.Equal(0, worker.ExitCode);
    }

    [Theory]
    [InlineData(1, "--role=king", "--threads=-1", "--parent-pid=-1")]
    [InlineData(1, "--listen=http://0.0.0.0:0")]
    [InlineData(1, "--Worker:Thread=1")]
    [InlineData(2, "--thread=1")]
    [InlineData(1, "--device=opencl:63")]
    public async Task Start_WrongSettings_IsOneLineAndAnExitCode(int code, params string[] args)
    {
        using Process worker = Start(args);
        string errors = await worker.StandardError.ReadToEndAsync(Patience.Token);

        await worker.WaitForExitAsync(Patience.Token);

        Assert.Equal(code, worker.ExitCode);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("winnow worker: ", errors, StringComparison.Ordinal);
        Assert.All(args, arg => Assert.Contains(arg.TrimStart('-').Split('=')[0].Split(':')[^1].Replace("-", "", StringComparison.Ordinal), errors, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Start_BusyPort_IsOneLineAndExitCodeOne()
    {
        await using TestWorker holder = await TestWorker.StartAsync();
        using Process worker = Start($"--listen={holder.Address}");
        string errors = await worker.StandardError.ReadToEndAsync(Patience.Token);

        await worker.WaitForExitAsync(Patience.Token);

        Assert.Equal(1, worker.ExitCode);
        Assert.Contains(holder.Address, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static Process Start(params string[] args)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Winnow.GpuWorker.dll"), .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}
