using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Winnow.Hosting;

/// <summary>
/// Ends the process when its parent is gone, even when the parent was killed: stdin ends, or the parent's process id does. A parent that ends in order writes <see cref="ProcessOptions.DrainLine"/> to
/// stdin before, which is like SIGTERM.
/// </summary>
internal sealed partial class ParentWatch(
    IOptions<ProcessOptions> options, IHostApplicationLifetime application, ProcessDrain drain, TimeProvider time, ILogger<ParentWatch> logger) : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.ExitOnStdinClose)
        {
            new Thread(ReadStdin) { IsBackground = true, Name = "winnow-stdin" }.Start();
        }
        if (options.Value.ParentPid is int pid and > 0)
        {
            await WatchAsync(pid, stoppingToken);
        }
    }

    /// <summary>Blocks until stdin ends.</summary>
    private void ReadStdin()
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        try
        {
            while (input.ReadLine() is { } line)
            {
                if (line == ProcessOptions.DrainLine)
                {
                    drain.Begin();
                }
            }
        }
        catch (IOException exception)
        {
            LogStdinFailed(exception.Message);
        }
        LogParentGone("its end of stdin closed");
        application.StopApplication();
    }

    private async Task WatchAsync(int pid, CancellationToken stoppingToken)
    {
        DateTime? started = StartTime(pid);
        using PeriodicTimer timer = new(PollInterval, time);
        while (started is not null && StartTime(pid) == started)
        {
            await timer.WaitForNextTickAsync(stoppingToken);
        }
        LogParentGone($"process {pid} ended");
        application.StopApplication();
    }

    /// <summary>When the process began, so that a reused id is not taken for the parent; <see langword="null"/> when it is gone.</summary>
    private static DateTime? StartTime(int pid)
    {
        try
        {
            using Process process = Process.GetProcessById(pid);
            return process.HasExited ? null : process.StartTime;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
