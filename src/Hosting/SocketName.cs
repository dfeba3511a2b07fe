namespace Winnow.Hosting;

/// <summary>
/// A name of a listening socket that no two living processes share: this boot of the machine, the network namespace, address and port. Who has the name of a process that was there before has
/// taken its place, which proves that the other one is gone.
/// </summary>
public static class SocketName
{
    private const string Boot = "/proc/sys/kernel/random/boot_id";
    private const string Network = "/proc/self/ns/net";

    /// <summary>The name of a socket of this process, or the empty string where the system does not tell boots and namespaces (other than Linux).</summary>
    /// <param name="url">Where it listens, with the port it really has.</param>
    public static string Of(string url) => Of(url, Boot, Network);

    /// <inheritdoc cref="Of(string)" />
    /// <param name="url">Where it listens.</param>
    /// <param name="boot">File with the boot's id.</param>
    /// <param name="network">Link that names the network namespace.</param>
    internal static string Of(string url, string boot, string network)
    {
        try
        {
            string? name = new FileInfo(network).LinkTarget;
            return name is null ? "" : $"{File.ReadAllText(boot).Trim()}/{name}/{new Uri(url).Authority}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
