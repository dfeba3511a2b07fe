using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Winnow.Tests.Common;

/// <summary>Keeps what is logged.</summary>
public sealed class RecordingLoggers : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(int Id, string Text)> Entries { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Entries.Enqueue((eventId.Id, formatter(state, exception)));

    public void Dispose()
    {
    }
}
