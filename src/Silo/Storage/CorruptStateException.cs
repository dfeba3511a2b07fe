namespace Winnow.Silo.Storage;

/// <summary>A record of durable state cannot be read: its file is damaged.</summary>
/// <param name="path">The file.</param>
/// <param name="reason">What is wrong with it.</param>
/// <param name="inner">The reader's own exception.</param>
public sealed class CorruptStateException(string path, string reason, Exception? inner = null)
    : Exception($"State file '{path}' is damaged ({reason.TrimEnd('.')}); restore it from a backup, or delete it to begin without this state.", inner)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;
}
