namespace Winnow.Silo.Storage;

/// <summary>The few file operations that durable state is made of, each of which a crash may follow or cut short.</summary>
public interface IDurableFiles
{
    /// <summary>The whole file, or <see langword="null"/> when there is none.</summary>
    byte[]? Read(string path);

    /// <summary>Writes a whole new file and flushes it to the disk.</summary>
    void WriteFlushed(string path, ReadOnlySpan<byte> content);

    /// <summary>Renames a file over another one; atomic within a directory.</summary>
    void Replace(string from, string to);

    /// <summary>Deletes a file; does nothing when there is none.</summary>
    void Delete(string path);

    /// <summary>Makes renames and deletions in a directory durable.</summary>
    void SyncDirectory(string path);
}
