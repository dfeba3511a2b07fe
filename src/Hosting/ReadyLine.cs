using System.Collections.Concurrent;
using System.Text.Json;

namespace Winnow.Hosting;

/// <summary>The one JSON line on stdout that tells a parent process that a role is ready and where it listens.</summary>
/// <param name="role">The role.</param>
public sealed class ReadyLine(ProcessRole role)
{
    private readonly ConcurrentDictionary<string, object> _fields = new();

    /// <summary>Adds a field of the role's own, for example <c>orleans_gateway_port</c>.</summary>
    /// <param name="name">Field name in snake_case.</param>
    /// <param name="value">A string, a number or a boolean.</param>
    public void Set(string name, object value) => _fields[name] = value;

    /// <summary>The line, without its line end.</summary>
    /// <param name="address">gRPC address, or the HTTP address of the gateway.</param>
    /// <param name="http">Address of health and metrics.</param>
    public string Format(string address, string http)
    {
        SortedDictionary<string, object> extra = new(_fields, StringComparer.Ordinal);
        Dictionary<string, object> fields = new()
        {
            ["ready"] = true,
            ["role"] = role.Name,
            ["address"] = address,
            ["http"] = http,
            ["pid"] = Environment.ProcessId,
        };
        foreach ((string name, object value) in extra)
        {
            fields[name] = value;
        }
        return JsonSerializer.Serialize(fields);
    }
}
