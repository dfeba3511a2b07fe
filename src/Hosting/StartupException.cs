namespace Winnow.Hosting;

/// <summary>The process cannot start; the message is one line for people. Exit code 1.</summary>
public class StartupException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The command line is wrong; the message is one line for people. Exit code 2.</summary>
public sealed class UsageException(string message) : StartupException(message);
