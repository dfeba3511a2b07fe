using System.Net;

namespace Winnow.Hosting;

/// <summary>The address of an endpoint as other machines dial it.</summary>
public static class AdvertisedAddress
{
    /// <summary>The address it listens on, with the machine's name where it listens on every address.</summary>
    /// <param name="listen">Where it was asked to listen.</param>
    /// <param name="local">Its address on this machine, with the port it really has.</param>
    public static string Of(string listen, string local)
    {
        bool everywhere = ListenAddress.TryParse(listen, out ListenAddress? asked) && (asked.Ip.Equals(IPAddress.Any) || asked.Ip.Equals(IPAddress.IPv6Any));
        var dialled = new Uri(local);
        return everywhere ? $"{dialled.Scheme}://{Dns.GetHostName()}:{dialled.Port}" : local;
    }
}
