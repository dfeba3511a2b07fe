using System.Diagnostics;

namespace Winnow.Cli.Tests.Support;

/// <summary>Runs the tool as a process of its own: the executable of the same edition and configuration as this test assembly.</summary>
internal static class Tool
{
    /// <summary>How long a test waits for the tool before it fails instead of hanging.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The tool's assembly.</summary>
    public static string Assembly { get; } = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "Cli", new DirectoryInfo(AppContext.BaseDirectory).Name, "winnow.dll"));

    /// <summary>Runs it to its end.</summary>
    public static async Task<ToolResult> RunAsync(params string[] args)
    {
        ProcessStartInfo start = new("dotnet", [Assembly, .. args]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        using CancellationTokenSource limit = new(Limit);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new ToolResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'winnow {string.Join(' ', args)}' did not end within {Limit}.");
        }
    }
}
