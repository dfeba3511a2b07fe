namespace Winnow.Tests.Common;

/// <summary>A folder of its own for a test, removed with what is in it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Where it is.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("winnow-test-").FullName;

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => Path.Combine(Root, name);

    /// <summary>Writes a file in it and answers with its path.</summary>
    public string Write(string name, byte[] bytes)
    {
        string path = File(name);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Removes the folder.</summary>
    public void Dispose() => Directory.Delete(Root, recursive: true);
}
