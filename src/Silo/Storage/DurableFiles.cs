using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Winnow.Silo.Storage;

/// <summary>Durable file operations on a real disk.</summary>
internal sealed partial class DurableFiles : IDurableFiles
{
    private const int ReadOnly = 0;

    /// <inheritdoc/>
    public byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void WriteFlushed(string path, ReadOnlySpan<byte> content)
    {
        using FileStream stream = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Replace(string from, string to) => File.Move(from, to, overwrite: true);

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc/>
    /// <remarks>.NET opens no directories, so this asks the C library. Windows makes renames durable with the file itself.</remarks>
    public void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        int descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
        {
            throw Failed("opened", path);
        }
        try
        {
            if (Fsync(descriptor) != 0)
            {
                throw Failed("flushed", path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string what, string path)
    {
        Win32Exception reason = new(Marshal.GetLastPInvokeError());
        return new IOException($"Directory '{path}' cannot be {what}: {reason.Message}.", reason);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
