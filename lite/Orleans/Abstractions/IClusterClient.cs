namespace Orleans;

/// <summary>Access to the cluster's grains, from inside the silo's process or from outside.</summary>
public interface IClusterClient : IGrainFactory
{
    /// <summary>Services of the process.</summary>
    IServiceProvider ServiceProvider { get; }
}
