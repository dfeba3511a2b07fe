namespace Orleans.Configuration;

/// <summary>How silos watch each other. The lite edition has one silo, which nobody watches.</summary>
public class ClusterMembershipOptions
{
    /// <summary>How long a silo may take to answer a probe, and how often it is probed.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Probes missed in a row after which a silo is suspected.</summary>
    public int NumMissedProbesLimit { get; set; } = 3;
}
