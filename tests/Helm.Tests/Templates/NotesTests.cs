using Winnow.Helm.Tests.Support;

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

    [HelmFact]
    public void Notes_OfAModelStoreBesideTls_WarnOfItsPlainHttp()
    {
        Assert.Contains("WARNING: the gateways' model store speaks plain HTTP", Notes("more.yaml", Chart.Everything), StringComparison.Ordinal);
    }

    private static string Notes(string values, string content = "")
    {
        const string Template = "kind: Notes\nmetadata:\n  name: notes\ntext: |\n{{ include \"winnow.notes\" . | indent 2 }}\n";
        using ChartCopy copy = new ChartCopy().With("more.yaml", content).With("templates/notes.yaml", Template);
        return copy.Render(values).One("Notes", "notes").Text("text");
    }
}
