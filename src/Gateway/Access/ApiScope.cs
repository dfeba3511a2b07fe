namespace Winnow.Gateway.Access;

/// <summary>What an API key may be used for; the names in key files are these in lower case.</summary>
[Flags]
public enum ApiScope
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Generating and reading what is served: <c>/v1</c>.</summary>
    Inference = 1,

    /// <summary>Loading and unloading models, draining workers: <c>/admin</c>.</summary>
    Admin = 2,
}
