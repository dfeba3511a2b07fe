namespace Orleans.Configuration;

/// <summary>Which cluster a silo belongs to or a client talks to; both sides must agree.</summary>
public class ClusterOptions
{
    /// <summary>Default of <see cref="ClusterId"/>.</summary>
    public const string DefaultClusterId = "default";

    /// <summary>Default of <see cref="ServiceId"/>.</summary>
    public const string DefaultServiceId = "default";

    internal const string DevelopmentId = "dev";

    /// <summary>The cluster.</summary>
    public string ClusterId { get; set; } = DefaultClusterId;

    /// <summary>The service, whose stored state outlives clusters.</summary>
    public string ServiceId { get; set; } = DefaultServiceId;
}
