using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Winnow.Peer.Commands;

/// <summary>Prints reports as one line of JSON with snake_case names.</summary>
internal static class PeerJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Prints a report.</summary>
    public static void Print<T>(T report) => Console.Out.WriteLine(JsonSerializer.Serialize(report, Options));
}
