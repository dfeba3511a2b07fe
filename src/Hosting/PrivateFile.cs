namespace Winnow.Hosting;

/// <summary>Writes files that hold secrets.</summary>
public static class PrivateFile
{
    /// <summary>Replaces a file in one move, readable by its owner alone, so that whoever reads it meanwhile reads the old content or the new.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">Its new content.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string whole = Path.GetFullPath(path);
        string fresh = $"{whole}.{Environment.ProcessId}.new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (var stream = new FileStream(fresh, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(fresh, whole, overwrite: true);
    }
}
