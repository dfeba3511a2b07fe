using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Templates;

/// <summary>A fact that needs a shared folder and the npm peer; skipped, with the reason, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NodePeerFactAttribute : FactAttribute
{
    public NodePeerFactAttribute(string relative)
    {
        Relative = relative;
        Skip = new SharedFactAttribute(relative).Skip
            ?? (NodePeer.IsInstalled ? null : "@huggingface/jinja is not installed; run 'npm ci' in tests/Inference.Tests/Templates/node.");
    }

    /// <summary>The path the test needs, below the shared folder.</summary>
    public string Relative { get; }
}
