using Microsoft.Extensions.Logging;

namespace Winnow.Fetching;

/// <summary>What all of a process's fetches share: options, clock and log.</summary>
internal sealed partial class FetchContext(ModelsOptions options, TimeProvider time, ILogger logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>Options.</summary>
    public ModelsOptions Options { get; } = options;

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; } = time;

    [LoggerMessage(EventId = 3461, Level = LogLevel.Information, Message = "The server of '{File}' sends no parts: all {Bytes} bytes are fetched.")]
    public partial void LogWhole(string file, long bytes);

    [LoggerMessage(EventId = 3462, Level = LogLevel.Warning, Message = "Chunk {Chunk} of '{File}' in the cache does not have its checksum and is fetched again.")]
    public partial void LogDamaged(string file, int chunk);

    [LoggerMessage(EventId = 3463, Level = LogLevel.Information, Message = "A fetch of '{File}' broke and goes on: {Reason}")]
    public partial void LogGoesOn(string file, string reason);

    [LoggerMessage(EventId = 3464, Level = LogLevel.Warning, Message = "'{File}' is taken from the cache as it was, since no server answers for it: {Reason}")]
    public partial void LogUnreachable(string file, string reason);

    [LoggerMessage(EventId = 3465, Level = LogLevel.Information, Message = "'{File}' has {Files} files and {Bytes} bytes on the server; it is kept in '{Folder}'.")]
    public partial void LogFound(string file, int files, long bytes, string folder);
}
