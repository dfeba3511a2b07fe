namespace Winnow.Gateway.Api;

/// <summary>Answer of <c>/v1/models</c>.</summary>
/// <param name="Data">The models that are ready.</param>
public sealed record ModelList(IReadOnlyList<ModelInfo> Data)
{
    /// <summary>Always <c>list</c>.</summary>
    public string Object => "list";
}

/// <summary>One model.</summary>
/// <param name="Id">Name for the <c>model</c> field.</param>
/// <param name="Created">Unix seconds when it became ready.</param>
/// <param name="MaxModelLen">Longest sequence in tokens (vLLM's name for it).</param>
public sealed record ModelInfo(string Id, long Created, int MaxModelLen)
{
    /// <summary>Always <c>model</c>.</summary>
    public string Object => "model";

    /// <summary>Always <c>winnow</c>.</summary>
    public string OwnedBy => "winnow";
}
