using Winnow.Cli.Commands;

namespace Winnow.Cli.Tests.Commands;

public sealed class UpExampleTests
{
    [Theory]
    [InlineData(true, "curl http://a:1/v1/chat/completions -H 'Content-Type: application/json' -d '{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"")]
    [InlineData(false, "curl http://a:1/v1/completions -H 'Content-Type: application/json' -d '{\"model\":\"m\",\"stream\":true,\"prompt\":\"")]
    public void Example_AsksForAConversationOnlyWithATemplate(bool hasTemplate, string expected)
    {
        string example = UpCommand.Example("http://a:1", "m", hasTemplate);

        Assert.StartsWith(expected, example, StringComparison.Ordinal);
        Assert.EndsWith(hasTemplate ? "?\"}]}'" : "?\"}'", example, StringComparison.Ordinal);
    }
}
