namespace Winnow.Grpc.Tests.Interop.Support;

/// <summary>A fact that needs Node.js with the packages of <c>node/</c>; it is skipped, with the reason, where they are not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        Skip = NodePeer.WhyNot;
    }
}
