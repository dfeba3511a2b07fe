namespace Orleans.Configuration;

/// <summary>How a client keeps its list of silos. The lite edition's list is given and stays.</summary>
public class GatewayOptions
{
    /// <summary>How often the list is read again.</summary>
    public TimeSpan GatewayListRefreshPeriod { get; set; } = TimeSpan.FromMinutes(1);
}
