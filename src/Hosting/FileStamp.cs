using Microsoft.Win32.SafeHandles;

namespace Winnow.Hosting;

/// <summary>
/// Tells whether a file is still the one that was read: time of its last write and its length, of what links lead to. Cheap enough to ask before every use, so that
/// nothing watches files, and as good for files that are replaced as for mounted secrets, whose folders are exchanged as a whole.
/// </summary>
/// <param name="WrittenAt">Time of the last write.</param>
/// <param name="Bytes">Length, or -1 when there is no such file.</param>
public readonly record struct FileStamp(DateTime WrittenAt, long Bytes)
{
    /// <summary>The stamp of a file that is not there.</summary>
    public static FileStamp Missing { get; } = new(default, -1);

    /// <summary>The stamp of a file as it is now; <see cref="Missing"/> when it cannot be opened.</summary>
    public static FileStamp Of(string path)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return new FileStamp(File.GetLastWriteTimeUtc(file), RandomAccess.GetLength(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Missing;
        }
    }
}
