using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Templates;

/// <summary>The other implementation of chat templates, from npm; <c>npm ci</c> in the folder <c>node</c> beside this file installs it.</summary>
internal static class NodePeer
{
    private static readonly string Root = Path.Combine(SharedFolder.RepositoryRoot, "tests", "Inference.Tests", "Templates", "node");

    /// <summary>Whether the package is installed.</summary>
    public static bool IsInstalled => Directory.Exists(Path.Combine(Root, "node_modules", "@huggingface", "jinja"));

    /// <summary>Renders cases of <c>template</c> and <c>variables</c>; null where the peer refuses.</summary>
    public static string?[] Render(JsonArray cases)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("cases.json", JsonSerializer.SerializeToUtf8Bytes(cases));
        using Process node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Root, "render.mjs"), path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = node.StandardError.ReadToEndAsync();
        string output = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        Assert.True(node.ExitCode == 0, errors.GetAwaiter().GetResult());
        return [.. JsonNode.Parse(output)!.AsArray().Select(result => (string?)result!["text"])];
    }
}
