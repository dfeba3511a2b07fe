using System.Diagnostics;
using System.Text.Json;
using Winnow.Silo.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests;

/// <summary>The executable itself: its ready line, its ends, and a data directory that another silo uses.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Sigterm_AfterReadyLine_ExitsWithZero()
    {
        using CancellationTokenSource limit = new(Limit);
        using Process silo = Start();
        using JsonDocument ready = JsonDocument.Parse((await silo.StandardOutput.ReadLineAsync(limit.Token))!);
        using HttpClient client = new();
        string metrics = await client.GetStringAsync(ready.RootElement.GetProperty("http").GetString() + "/metrics", limit.Token);

        using Process kill = Process.Start("kill", ["-TERM", $"{silo.Id}"]);
        await silo.WaitForExitAsync(limit.Token);

        Assert.Equal((0, "silo"), (silo.ExitCode, ready.RootElement.GetProperty("role").GetString()));
        Assert.True(ready.RootElement.GetProperty("orleans_gateway_port").GetInt32() > 0);
        Assert.Contains(SiloMetricNames.StateWriteSeconds, metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DataDirectoryInUse_IsOneLineAndExitCodeOne()
    {
        using CancellationTokenSource limit = new(Limit);
        await using TestSilo holder = await TestSilo.StartAsync(_folder.Root);
        using Process silo = Start();
        string errors = await silo.StandardError.ReadToEndAsync(limit.Token);

        await silo.WaitForExitAsync(limit.Token);

        Assert.Equal(1, silo.ExitCode);
        Assert.Contains(_folder.Root, Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DatabaseThatIsNotThere_IsOneLineWithoutThePassword()
    {
        using CancellationTokenSource limit = new(Limit);
        using Process silo = Start("--Silo:Storage=postgresql", "--Silo:ConnectionString=Host=nowhere;Password=hidden");
        string errors = await silo.StandardError.ReadToEndAsync(limit.Token);

        await silo.WaitForExitAsync(limit.Token);

        Assert.Equal(1, silo.ExitCode);
        string line = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        // The lite build has no such storage, and says so before it looks for the database.
        Assert.True(line.Contains("needs the full build", StringComparison.Ordinal) || line.Contains("Database 'nowhere:5432/' cannot be used", StringComparison.Ordinal), line);
        Assert.DoesNotContain("hidden", errors, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Process Start(params string[] more)
    {
        string[] args =
        [
            Path.Combine(AppContext.BaseDirectory, "Winnow.Silo.dll"), "--ready-json", $"--data={_folder.Root}", "--listen=http://127.0.0.1:0",
            "--http-listen=http://127.0.0.1:0", "--orleans-port=0", "--orleans-gateway-port=0", .. more,
        ];
        return Process.Start(new ProcessStartInfo("dotnet", args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }
}
