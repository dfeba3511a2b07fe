using System.Text;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests.Support;

/// <summary>A copy of the chart with files of a test's own.</summary>
internal sealed class ChartCopy : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Copies the chart.</summary>
    public ChartCopy()
    {
        foreach (string file in Directory.EnumerateFiles(Chart.Folder, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Made(Path.GetRelativePath(Chart.Folder, file)));
        }
    }

    /// <inheritdoc />
    public void Dispose() => _folder.Dispose();

    /// <summary>Adds a file.</summary>
    public ChartCopy With(string name, string content)
    {
        File.WriteAllText(Made(name), content, Encoding.UTF8);
        return this;
    }

    /// <summary>Renders it.</summary>
    /// <param name="values">Name of a file of values in it.</param>
    public Manifests Render(string values)
    {
        (int exitCode, string output, string errors) = NodePackages.Helm("template", "demo-winnow", _folder.Root, "--namespace", "ns", "-f", _folder.File(values));
        Assert.True(exitCode == 0, errors);
        return new Manifests(output);
    }

    private string Made(string name)
    {
        string path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
