using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Winnow.Cli.Tests.Support;

/// <summary>The tool while it runs, the leader of a process group as it is in a shell, so that a Ctrl-C reaches its children too.</summary>
internal sealed partial class RunningTool : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly Task _readErrors;

    private RunningTool(Process process)
    {
        _process = process;
        _readErrors = ReadErrorsAsync();
    }

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <summary>What came on stderr; whole once the tool has ended.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Starts the tool with a folder of its own for temporary files.</summary>
    public static RunningTool Start(string temporary, params string[] args)
    {
        // setsid makes the group; env undoes a SIGINT that this process may have inherited as ignored.
        ProcessStartInfo start = new("setsid", ["env", "--default-signal=INT", $"TMPDIR={temporary}", "dotnet", Tool.Assembly, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new RunningTool(Process.Start(start)!);
    }

    /// <summary>Waits for the line with the URL, and answers with the URL.</summary>
    public async Task<Uri> ServingAsync()
    {
        using CancellationTokenSource limit = new(Tool.Limit);
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (Url().Match(line) is { Success: true } match)
            {
                return new Uri(match.Value + "/");
            }
        }
        throw new InvalidOperationException($"The tool ended without a URL: {Errors}");
    }

    /// <summary>Waits until the tool has children, and answers with their process ids.</summary>
    public async Task<IReadOnlyList<int>> FirstChildrenAsync()
    {
        using CancellationTokenSource limit = new(Tool.Limit);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (Children() is { Count: 0 })
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
        return Children();
    }

    /// <summary>Process ids of the tool's children.</summary>
    public IReadOnlyList<int> Children() => ProcessTable.ChildrenOf(Id);

    /// <summary>What Ctrl-C does: SIGINT to the whole group.</summary>
    public void Interrupt() => Signal(-Id, 2);

    /// <summary>SIGKILL to the tool alone.</summary>
    public void Kill() => Signal(Id, 9);

    /// <summary>SIGKILL to a child.</summary>
    public static void Kill(int child) => Signal(child, 9);

    /// <summary>Waits for the end and answers with the exit code.</summary>
    public async Task<int> EndedAsync()
    {
        using CancellationTokenSource limit = new(Tool.Limit);
        await _process.WaitForExitAsync(limit.Token);
        await _readErrors.WaitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Ends it, whatever the test left running.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors)
            {
                _errors.Append(line).Append('\n');
            }
        }
    }

    private static void Signal(int target, int signal)
    {
        if (SendSignal(target, signal) != 0)
        {
            throw new InvalidOperationException($"Signal {signal} could not be sent to {target}: errno {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int target, int signal);

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Url();
}
