using System.Text;
using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/NOTES.txt. helm shows notes to a cluster only, so a copy of the chart puts them into an object.</summary>
public sealed class NotesTests
{
    [HelmFact]
    public void Notes_OfTheDefaults_SayHowToReadTheKeyAndWhatIsOpen()
    {
        string notes = Notes("values.yaml");

        Assert.Contains("get secret demo-winnow-generated -o jsonpath='{.data.api-key}'", notes, StringComparison.Ordinal);
        Assert.Contains("kubectl -n ns port-forward service/demo-winnow-gateway 8080:80", notes, StringComparison.Ordinal);
        Assert.Contains("NOTE: models is empty", notes, StringComparison.Ordinal);
        Assert.Contains("WARNING: tls.mode is 'none'", notes, StringComparison.Ordinal);
        Assert.Contains("NOTE: there is one silo", notes, StringComparison.Ordinal);
    }

    [HelmFact]
    public void Notes_OfTheSafePreset_WarnOfNothing()
    {
        string notes = Notes("values-ha.yaml");

        Assert.DoesNotContain("WARNING", notes, StringComparison.Ordinal);
        Assert.DoesNotContain("NOTE", notes, StringComparison.Ordinal);
        Assert.Contains("Keys are those of the Secret 'winnow-api-keys'", notes, StringComparison.Ordinal);
    }

    private static string Notes(string values)
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(Chart.Folder, "*", SearchOption.AllDirectories))
        {
            string copy = folder.File(Path.GetRelativePath(Chart.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        folder.Write("templates/notes.yaml", Encoding.UTF8.GetBytes("kind: Notes\nmetadata:\n  name: notes\ntext: |\n{{ include \"winnow.notes\" . | indent 2 }}\n"));
        (int exitCode, string output, string errors) = NodePackages.Helm("template", "demo-winnow", folder.Root, "--namespace", "ns", "-f", folder.File(values), "--show-only", "templates/notes.yaml");
        Assert.True(exitCode == 0, errors);
        return new Manifests(output).One("Notes", "notes").Text("text");
    }
}
