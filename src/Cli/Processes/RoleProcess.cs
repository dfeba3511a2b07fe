using System.Diagnostics;
using System.Text.Json;
using Winnow.Hosting;

namespace Winnow.Cli.Processes;

/// <summary>
/// One role running as a process of its own. It ends when its stdin is closed, also when this tool dies.
/// </summary>
internal sealed class RoleProcess : IAsyncDisposable
{
    private const int KeptLines = 20;
    private const int InterruptedExitCode = 130;
    private const string RoleLinePrefix = "winnow ";
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly Queue<string> _lastLines = new();
    private readonly TaskCompletionSource<JsonDocument> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<string>? _log;
    private bool _disposed;

    private RoleProcess(string name, Process process, Action<string>? log)
    {
        Name = name;
        _process = process;
        _log = log;
    }

    /// <summary>Name for people, for example <c>target worker 1</c>.</summary>
    public string Name { get; }

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <summary>gRPC address, or the gateway's HTTP address.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Address of health and metrics.</summary>
    public string Http { get; private set; } = "";

    /// <summary>The whole ready line.</summary>
    public JsonElement Ready { get; private set; }

    /// <summary>Ends when the process does.</summary>
    public Task Exited => _process.WaitForExitAsync(CancellationToken.None);

    /// <summary>The exit code of a process that has ended.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>Starts a role and waits until it says that it is ready.</summary>
    /// <param name="name">Name for people.</param>
    /// <param name="role">One of <see cref="RoleExecutable"/>'s names.</param>
    /// <param name="arguments">Flags for the role.</param>
    /// <param name="log">Gets the role's log lines, or <see langword="null"/> to drop them.</param>
    /// <param name="limit">Time it may take.</param>
    /// <param name="cancellation">Ends the wait and the process.</param>
    /// <exception cref="CliException">It ended or said nothing in time.</exception>
    public static async Task<RoleProcess> StartAsync(
        string name, string role, IReadOnlyList<string> arguments, Action<string>? log, TimeSpan limit, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo
        {
            FileName = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(RoleExecutable.Find(role));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        start.ArgumentList.Add("--ready-json");
        start.ArgumentList.Add("--exit-on-stdin-close");
        Process process = Process.Start(start) ?? throw new CliException($"The {name} could not be started.");
        var started = new RoleProcess(name, process, log);
        try
        {
            started.Read();
            await started.WaitUntilReadyAsync(limit, cancellation);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has the process drain and waits for its end, as long as that takes; it ends by itself after the limit of its role.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(ProcessOptions.DrainLine.AsMemory(), cancellation);
            await _process.StandardInput.FlushAsync(cancellation);
        }
        catch (IOException)
        {
            // It has ended already.
        }
        await Exited.WaitAsync(cancellation);
    }

    /// <summary>Asks the process to end, and ends it when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        using (_process)
        {
            if (!_process.HasExited)
            {
                _process.StandardInput.Close();
                try
                {
                    await Exited.WaitAsync(StopLimit);
                }
                catch (TimeoutException)
                {
                    _process.Kill(entireProcessTree: true);
                    await Exited;
                }
            }
        }
    }

    private void Read()
    {
        _process.OutputDataReceived += (_, line) => TakeOutput(line.Data);
        _process.ErrorDataReceived += (_, line) => TakeLog(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void TakeOutput(string? line)
    {
        if (line is null || _ready.Task.IsCompleted)
        {
            return;
        }
        try
        {
            _ready.TrySetResult(JsonDocument.Parse(line));
        }
        catch (JsonException)
        {
            // Not the ready line, but something a library printed: it belongs to the log.
            TakeLog(line);
        }
    }

    private void TakeLog(string? line)
    {
        if (line is null)
        {
            return;
        }
        lock (_lastLines)
        {
            if (_lastLines.Count == KeptLines)
            {
                _lastLines.Dequeue();
            }
            _lastLines.Enqueue(line);
        }
        _log?.Invoke($"[{Name}] {line}");
    }

    private async Task WaitUntilReadyAsync(TimeSpan limit, CancellationToken cancellation)
    {
        Task exited = Exited;
        try
        {
            Task first = await Task.WhenAny(_ready.Task, exited).WaitAsync(limit, cancellation);
            if (first == exited)
            {
                // Exit is seen before the last lines are read; WaitForExit drains them.
                _process.WaitForExit();
                // A child that is still starting dies of a Ctrl-C, and may do so before this process has seen it.
                throw _process.ExitCode == InterruptedExitCode ? new OperationCanceledException() : new CliException($"The {Name} did not start (exit code {_process.ExitCode}): {LastLine()}");
            }
        }
        catch (TimeoutException)
        {
            throw new CliException($"The {Name} was not ready within {limit.TotalSeconds:0} s; its last line: {LastLine()}");
        }
        Ready = (await _ready.Task).RootElement;
        Address = Ready.GetProperty("address").GetString() ?? "";
        Http = Ready.GetProperty("http").GetString() ?? "";
    }

    // A role ends with one line of its own; log lines on their way may still come after it.
    private string LastLine()
    {
        lock (_lastLines)
        {
            return _lastLines.LastOrDefault(line => line.StartsWith(RoleLinePrefix, StringComparison.Ordinal))
                ?? _lastLines.LastOrDefault(line => line.Length > 0)
                ?? "it printed nothing.";
        }
    }
}
