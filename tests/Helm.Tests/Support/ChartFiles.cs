namespace Winnow.Helm.Tests.Support;

/// <summary>Files that templates make objects of.</summary>
internal static class ChartFiles
{
    /// <summary>Names, without extensions, of a folder's files; none where the folder is not there.</summary>
    public static IEnumerable<string> Names(string folder, string pattern)
    {
        string path = Path.Combine(Chart.Folder, folder);
        return Directory.Exists(path) ? Directory.EnumerateFiles(path, pattern).Select(file => Path.GetFileNameWithoutExtension(file)!) : [];
    }
}
