using System.Text.Json;
using Winnow.Inference.Templates;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Templates;

/// <summary>Templates of our own, written as two model families write theirs, with the texts of @huggingface/jinja; node/refresh_own.mjs made them.</summary>
public sealed class OwnTemplateTests
{
    private static readonly string Folder = Path.Combine(SharedFolder.RepositoryRoot, "tests", "Inference.Tests", "Templates", "own");
    private static readonly JsonElement Data = TemplateSample.Json(File.ReadAllText(Path.Combine(Folder, "cases.json")));

    [Theory]
    [InlineData("dated-tools.jinja", 3)]
    [InlineData("thinking-tools.jinja", 0)]
    public void Render_EveryConversation_GivesThePeersTextOrRefusesAsItDoes(string name, int refused)
    {
        ChatTemplate sut = ChatTemplate.Parse(File.ReadAllText(Path.Combine(Folder, name)));
        string?[] expected = [.. Data.GetProperty("expected").GetProperty(name).EnumerateArray().Select(text => text.GetString())];

        string?[] found = [.. Data.GetProperty("conversations").EnumerateArray().Select(variables => TryRender(sut, variables))];

        Assert.Equal(expected, found);
        Assert.Equal(refused, expected.Count(text => text is null));
    }

    private static string? TryRender(ChatTemplate template, JsonElement variables)
    {
        try
        {
            return template.Render(new ChatTemplateInput
            {
                Messages = variables.GetProperty("messages"),
                BosToken = "<s>",
                EosToken = "</s>",
                Variables = variables.EnumerateObject().ToDictionary(property => property.Name, property => property.Value),
                Now = TemplateSample.Now,
            });
        }
        catch (TemplateException)
        {
            return null;
        }
    }
}
