using System.Text.Json;
using Winnow.Inference.Templates;

namespace Winnow.Inference.Tests.Templates;

/// <summary>Renders templates with little writing.</summary>
internal static class TemplateSample
{
    /// <summary>A user's single message.</summary>
    public const string OneMessage = """[{"role": "user", "content": "x"}]""";

    /// <summary>The time that templates see.</summary>
    public static DateTimeOffset Now { get; } = new(2024, 7, 6, 5, 4, 3, TimeSpan.Zero);

    /// <summary>Renders a template with these messages and variables (JSON).</summary>
    public static string Render(string template, string messages = OneMessage, string variables = "{}", TemplateLimits? limits = null) =>
        ChatTemplate.Parse(template).Render(Input(messages, variables), limits);

    /// <summary>An input of JSON texts.</summary>
    public static ChatTemplateInput Input(string messages = OneMessage, string variables = "{}") => new()
    {
        Messages = Json(messages),
        Variables = Json(variables).EnumerateObject().ToDictionary(property => property.Name, property => property.Value),
        Now = Now,
    };

    /// <summary>A JSON text parsed.</summary>
    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
