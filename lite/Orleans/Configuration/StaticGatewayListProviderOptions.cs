namespace Orleans.Configuration;

/// <summary>The gateways an outside client may connect to.</summary>
public class StaticGatewayListProviderOptions
{
    /// <summary>Addresses of the form <c>gwy.tcp://ip:port/generation</c>.</summary>
    public List<Uri> Gateways { get; set; } = [];
}
