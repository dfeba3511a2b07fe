using Winnow.Silo.Storage;

namespace Winnow.Silo.Tests.Storage;

/// <summary>A disk that has room for half of one file, and for every other.</summary>
internal sealed class FullDisk(string path) : IDurableFiles
{
    private readonly DurableFiles _files = new();

    public byte[]? Read(string path) => _files.Read(path);

    public void WriteFlushed(string to, ReadOnlySpan<byte> content)
    {
        if (to.StartsWith(path, StringComparison.Ordinal))
        {
            _files.WriteFlushed(to, content[..(content.Length / 2)]);
            throw new IOException($"No space left on device : '{to}'");
        }
        _files.WriteFlushed(to, content);
    }

    public void Replace(string from, string to) => _files.Replace(from, to);

    public void Delete(string path) => _files.Delete(path);

    public void SyncDirectory(string path) => _files.SyncDirectory(path);
}
