using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Winnow.Gateway.Admin;

/// <summary>How the operator's endpoints write JSON: snake_case, text as it is.</summary>
[JsonSerializable(typeof(AdminModelList))]
[JsonSerializable(typeof(AdminModel))]
[JsonSerializable(typeof(AdminWorkerList))]
[JsonSerializable(typeof(AdminWorker))]
[JsonSerializable(typeof(AdminUnloading))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    private static readonly AdminJson Relaxed = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>How a type is written.</summary>
    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Relaxed.GetTypeInfo(typeof(T))!;
}
