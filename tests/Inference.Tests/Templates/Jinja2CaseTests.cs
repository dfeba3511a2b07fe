using System.Text.Json;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Templates;

/// <summary>Templates of our own with the texts that Jinja2 gives; refresh_cases.py made them.</summary>
public sealed class Jinja2CaseTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            string path = Path.Combine(SharedFolder.RepositoryRoot, "tests", "Inference.Tests", "Templates", "jinja2-cases.json");
            using JsonDocument cases = JsonDocument.Parse(File.ReadAllText(path));
            TheoryData<string, string> data = [];
            foreach (JsonElement item in cases.RootElement.EnumerateArray())
            {
                data.Add(item.GetProperty("template").GetString()!, item.GetProperty("expected").GetString()!);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Render_OurTemplate_GivesJinja2sText(string template, string expected) => Assert.Equal(expected, TemplateSample.Render(template));
}
