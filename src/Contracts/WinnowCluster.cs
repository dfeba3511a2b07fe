namespace Winnow.Contracts;

/// <summary>Names under which silos and their clients find each other.</summary>
public static class WinnowCluster
{
    /// <summary>Orleans cluster id.</summary>
    public const string ClusterId = "winnow";

    /// <summary>Orleans service id.</summary>
    public const string ServiceId = "winnow";
}
